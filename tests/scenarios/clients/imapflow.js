// Reads an account over IMAP as standard input tells it ({host, port, secure, ca, user, pass}), changes this and that, and
// prints what it saw.
const { ImapFlow } = require('imapflow');

const wanted = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const connect = async () => {
  const client = new ImapFlow({
    host: wanted.host, port: wanted.port, secure: wanted.secure, tls: { ca: wanted.ca }, qresync: true,
    auth: { user: wanted.user, pass: wanted.pass }, logger: false, clientInfo: { name: 'scenario' },
  });
  await client.connect();
  return client;
};

const listed = async (client, range, query) => {
  const rows = [];
  for await (const message of client.fetch(range, { uid: true, flags: true, envelope: true, ...query }))
    rows.push(message);
  return rows;
};

// Every subject with its flags. \Recent is of the session that saw a message first.
const flagsOf = (row) => [...row.flags].filter((flag) => flag !== '\\Recent').sort().join(' ');
const content = async (client, folder) => {
  const lock = await client.getMailboxLock(folder);
  try {
    if (client.mailbox.exists === 0) return {};
    const rows = await listed(client, '1:*');
    return Object.fromEntries(rows.map((row) => [row.envelope.subject, flagsOf(row)]));
  } finally {
    lock.release();
  }
};

const letter = (subject) =>
  `From: li@there.test\r\nTo: ${wanted.user}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n` +
  'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n大雁飞过。\r\n';

const text = async (client, uid) => {
  const { content: stream } = await client.download(uid, '1', { uid: true });
  let all = '';
  for await (const chunk of stream) all += chunk;
  return all;
};

async function main() {
  const client = await connect();
  const told = { capabilities: [...client.capabilities.keys()], id: client.serverInfo };
  await client.mailboxCreate(['归档', '二〇二六']);
  told.folders = (await client.list()).map((folder) => [folder.path, folder.specialUse || '']);

  await client.append('归档/二〇二六', letter('appended'), ['\\Seen', 'work']);
  const lock = await client.getMailboxLock('INBOX');
  const [first] = await listed(client, '1', { bodyStructure: true, internalDate: true, size: true, headers: ['subject'] });
  told.first = { subject: first.envelope.subject, type: first.bodyStructure.type, header: first.headers.toString() };
  told.text = await text(client, first.uid);
  told.found = await client.search({ subject: '会议' }, { uid: true });
  told.unseen = (await client.status('INBOX', { unseen: true, messages: true })).unseen;
  await client.messageFlagsAdd({ subject: '会议' }, ['\\Flagged']);
  await client.messageFlagsAdd('2', ['\\Seen']);
  await client.messageFlagsRemove('2', ['\\Seen']);
  await client.messageCopy('1', '归档/二〇二六');
  told.moved = [...(await client.messageMove('2', 'Archive')).uidMap.keys()];
  await client.messageDelete({ subject: 'unwanted' });
  const before = client.mailbox.highestModseq;
  lock.release();

  // Somebody else changes the mailbox while this one idles.
  const arrived = new Promise((resolve) => client.once('exists', resolve));
  await client.mailboxOpen('INBOX');
  const idling = client.idle();
  const other = await connect();
  await other.append('INBOX', letter('news'));
  told.exists = (await arrived).count;
  await other.logout();
  told.changed = (await listed(client, '1:*', { changedSince: 0n })).length > 0 && typeof before === 'bigint';
  await idling;

  told.inbox = await content(client, 'INBOX');
  told.archive = await content(client, 'Archive');
  told.folder = await content(client, '归档/二〇二六');
  await client.logout();
  console.log(JSON.stringify(told));
}

main().catch((error) => {
  console.error(error.stack, error.responseText || '');
  process.exit(1);
});
