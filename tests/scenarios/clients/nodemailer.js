// Sends what standard input tells, a list of [transport, mail, mail…], and prints a list of what became of each mail:
// the last reply to it, or why it failed. Attachments are base64.
const nodemailer = require('nodemailer');

const outcome = (sending) => sending.then((sent) => sent.response, (error) => `${error.code}: ${error.message}`);

async function sendAll(jobs) {
  const outcomes = [];
  for (const [transport, ...mails] of jobs) {
    const transporter = nodemailer.createTransport(transport);
    for (const mail of mails) outcomes.push(await outcome(transporter.sendMail(mail)));
    transporter.close();
  }
  return outcomes;
}

const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
sendAll(jobs).then((outcomes) => console.log(JSON.stringify(outcomes)));
