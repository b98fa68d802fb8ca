// What Thunderbird is told to do (thunderbird.py, which says before it how many milliseconds of `patience` there are). Runs in its own innermost context; each step looks anew at what is there.
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

const server = () => MailServices.accounts.allServers.find(one => one.type === "imap");
const below = folder => [folder].concat(...folder.subFolders.map(below));
const folderNamed = name => below(server().rootFolder).find(one => one.name === name || one.localizedName === name);
const mailIn = name => [...folderNamed(name).messages];
const headerOf = (name, subject) => mailIn(name).find(one => one.mime2DecodedSubject === subject);

const timers = new Set();
const soon = () => new Promise(resolve => {
  const timer = Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);
  timers.add(timer);
  timer.initWithCallback(() => { timers.delete(timer); resolve(); }, 50, Ci.nsITimer.TYPE_ONE_SHOT);
});
const until = async (what, question) => {
  for (const end = Date.now() + patience; Date.now() < end; await soon()) {
    const answer = question();
    if (answer) return answer;
  }
  throw new Error("never: " + what);
};

// Resolved when what `begin` is given as its listener has been told of the end.
const finished = begin => new Promise((resolve, reject) => {
  const end = status => (Components.isSuccessCode(status) ? resolve() : reject(new Error("failed with " + status)));
  begin({
    QueryInterface: ChromeUtils.generateQI(["nsIUrlListener", "nsIMsgCopyServiceListener"]),
    OnStartRunningUrl() {}, OnStopRunningUrl(_, status) { end(status); },
    onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; }, onStopCopy: end,
  });
});

const steps = {
  async trust(pem) {
    const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
    database.addCertFromBase64(pem.replace(/-----[^-]*-----|\s/g, ""), "CT,,");
  },

  async addAccount(account, password, host, port) {
    const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
    login.init("imap://" + host, null, "imap://" + host, account, password, "", "");
    await Services.logins.addLoginAsync(login);
    const incoming = MailServices.accounts.createIncomingServer(account, host, "imap");
    incoming.port = port;
    incoming.socketType = Ci.nsMsgSocketType.SSL;
    incoming.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
    incoming.password = password;
    incoming.QueryInterface(Ci.nsIImapIncomingServer).usingSubscription = false;
    const identity = MailServices.accounts.createIdentity();
    identity.email = account;
    const made = MailServices.accounts.createAccount();
    made.incomingServer = incoming;
    made.addIdentity(identity);
  },

  // The folders, when the last of `wanted` is there.
  async folders(wanted) {
    server().performExpand(null);
    await until("folders " + wanted, () => wanted.every(folderNamed));
    return below(server().rootFolder).slice(1).map(one => one.localizedName);
  },

  // Subjects, each with what is said of the message, when `count` messages are there.
  async mail(name, count) {
    await finished(listener =>
      folderNamed(name).QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, listener));
    await until(count + " messages in " + name, () => mailIn(name).length === count);
    return Object.fromEntries(mailIn(name).map(one => [one.mime2DecodedSubject, {read: one.isRead, flagged: one.isFlagged}]));
  },

  // Without asking: it hears by IDLE.
  async hears(name, subject) {
    await until(subject + " in " + name, () => headerOf(name, subject));
  },

  async mark(name, subject) {
    const header = headerOf(name, subject), folder = folderNamed(name);
    folder.markMessagesRead([header], true);
    folder.markMessagesFlagged([header], true);
  },

  async move(from, subject, to) {
    await finished(listener => MailServices.copy.copyMessages(
      folderNamed(from), [headerOf(from, subject)], folderNamed(to), true, listener, null, false));
  },

  async remove(name, subject) {
    await finished(listener =>
      folderNamed(name).deleteMessages([headerOf(name, subject)], null, false, false, listener, false));
  },

  async createFolder(name) {
    server().rootFolder.createSubfolder(name, null);
    await until("folder " + name, () => folderNamed(name));
  },

  // The message as it came, in base64.
  async text(name, subject) {
    const header = headerOf(name, subject), uri = header.folder.getUriForMsg(header);
    let octets = "";
    await new Promise((resolve, reject) => MailServices.messageServiceFromURI(uri).streamMessage(uri, {
      QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
      onStartRequest() {},
      onDataAvailable(_, stream, offset, count) {
        const binary = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
        binary.setInputStream(stream);
        octets += binary.readBytes(count);
      },
      onStopRequest(_, status) { Components.isSuccessCode(status) ? resolve() : reject(new Error("text: " + status)); },
    }, null, null, false, "", false));
    return btoa(octets);
  },
};

const run = (step, given) => {
  const done = given[given.length - 1];
  step(...Array.from(given).slice(0, -1))
    .then(value => done({value: value ?? null}), error => done({error: String(error)}));
};
