// A mail server that keeps what it is given, and writes the answers that people send.
import { createServer } from 'node:net';

export class Postbox {
  static async open() {
    const it = new Postbox();
    it.letters = [];
    it.server = createServer((socket) => it.#talk(socket));
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    it.url = `smtp://127.0.0.1:${it.server.address().port}`;
    return it;
  }

  /** As much of SMTP as one letter takes. */
  #talk(socket) {
    let buffer = '';
    let data = false;
    let to = [];
    const say = (line) => socket.write(`${line}\r\n`);
    socket.on('error', () => socket.destroy());
    socket.on('data', (b) => {
      buffer += b.toString('utf8');
      for (let end; (end = buffer.indexOf(data ? '\r\n.\r\n' : '\r\n')) >= 0; ) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          this.letters.push(read(line.replace(/^\.\./gm, '.'), to));
          to = [];
          say('250 kept');
        } else if (/^(EHLO|HELO)/i.test(line)) say('250 postbox');
        else if (/^DATA/i.test(line)) {
          data = true;
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else {
          if (/^RCPT/i.test(line)) to.push(/<(.*)>/.exec(line)[1]);
          say('250 fine');
        }
      }
    });
    say('220 postbox');
  }

  close() {
    this.server.close();
  }
}

function read(raw, to) {
  const [head, ...rest] = raw.split('\r\n\r\n');
  const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head.replace(/\r\n[ \t]+/g, ' '))?.[1] ?? '';
  const address = (s) => /<([^>]+)>/.exec(s)?.[1] ?? s;
  const soft = rest.join('\r\n\r\n').replace(/=\r\n/g, '');
  const text = Buffer.from(soft.replace(/=([0-9A-F]{2})/g, (_, x) => String.fromCharCode(Number.parseInt(x, 16))), 'latin1').toString('utf8');
  return { to, from: header('From'), subject: header('Subject'), id: header('Message-ID'), replyTo: address(header('Reply-To')), text };
}

/** A person's answer to a letter, as their mail program writes it. */
export function answerTo(letter, from, text) {
  const quoted = letter.text.split(/\r?\n/).slice(0, 5).map((l) => `> ${l}`);
  return [
    `From: Ada <${from}>`,
    `To: ${letter.replyTo}`,
    `Subject: Re: ${letter.subject}`,
    `Message-ID: <${Date.now()}.${Math.random().toString(36).slice(2)}@example.org>`,
    `In-Reply-To: ${letter.id}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '',
    'On Tuesday the shop wrote:',
    ...quoted,
  ].join('\r\n');
}
