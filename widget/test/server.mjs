// A small Careloop for the widget's tests: serves dist/ and a socket that keeps conversations,
// and does whatever a test tells it to. Two ports, so that the shop's page has an origin of its own.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { hostPage } from './host_page.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'dist');

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:";
const files = {
  '/widget.js': ['widget.js', 'text/javascript'],
  '/widget/app.js': ['app.js', 'text/javascript'],
  '/widget/app.css': ['app.css', 'text/css'],
  '/widget/frame': ['frame.html', 'text/html'],
};

export const RETURNS = {
  n: 1,
  title: 'Returns and exchanges',
  url: '/help/returns',
  quote: 'Shoes worn once, indoors, can be returned within 30 days of delivery, with the receipt.',
};
export const SHIPPING = {
  n: 2,
  title: 'Delivery times',
  url: 'https://shop.example/help/delivery',
  quote: 'Parcels leave our warehouse within one working day.',
};

/** One shopper: a token, at most one conversation, the sockets that follow it. */
class Shopper {
  constructor(token) {
    this.token = token;
    this.id = '';
    this.events = [];
    this.sockets = new Set();
    this.byClient = new Map();
  }

  append(event) {
    if (!this.id) this.id = randomUUID();
    const e = {
      type: 'event',
      conversation_id: this.id,
      seq: this.events.length + 1,
      kind: 'message',
      at: new Date().toISOString(),
      author: { kind: 'bot', name: 'Careloop' },
      text: '',
      ...event,
    };
    this.events.push(e);
    if (e.client_id) this.byClient.set(e.client_id, e);
    return e;
  }

  /** Appends an event and sends it to every socket. */
  say(event) {
    const e = this.append(event);
    this.send(e);
    return e;
  }

  send(frame) {
    for (const s of this.sockets) s.send(JSON.stringify(frame));
  }
}

export class FakeCare {
  constructor() {
    this.reset();
  }

  /** Back to a friendly server without shoppers. Sockets that are open are closed. */
  reset() {
    for (const s of this.wss?.clients ?? []) s.terminate();
    this.shoppers = new Map();
    this.received = []; // every frame from the widget, in order
    this.hellos = [];
    this.up = true; // false: the socket endpoint refuses
    this.greeting = 'Hello! I can help with orders, delivery, returns and our products.';
    this.suggestions = ['Where is my parcel?', 'Can I return shoes I wore once?', 'Do you repair boots?'];
    this.agentsOnline = 0;
    this.letters = true;
    this.onHello = undefined; // (hello, socket) => true where it dealt with it
    this.onFrame = undefined; // (frame, shopper, socket) => true where it dealt with it
    this.answer = true; // answers messages by itself
  }

  async listen() {
    const serve = (req, res) => this.http(req, res);
    this.servers = [createServer(serve), createServer(serve)];
    this.wss = new WebSocketServer({ noServer: true, handleProtocols: (p) => (p.has('careloop.v1') ? 'careloop.v1' : false) });
    for (const s of this.servers) {
      await new Promise((done) => s.listen(0, '127.0.0.1', done));
      s.on('upgrade', (req, socket, head) => {
        if (!this.up || new URL(req.url, 'http://x').pathname !== '/v1/chat') {
          socket.destroy();
          return;
        }
        this.wss.handleUpgrade(req, socket, head, (ws) => this.socket(ws));
      });
    }
    this.origin = `http://127.0.0.1:${this.servers[0].address().port}`;
    // Another site to the browser, as most shops are; `near` is another origin of the same site.
    this.near = `http://127.0.0.1:${this.servers[1].address().port}`;
    this.shop = `http://localhost:${this.servers[1].address().port}`;
  }

  async close() {
    for (const s of this.wss.clients) s.terminate();
    for (const s of this.servers) {
      s.closeAllConnections();
      await new Promise((done) => s.close(done));
    }
  }

  async http(req, res) {
    const url = new URL(req.url, 'http://x');
    this.requests = [...(this.requests ?? []), url.pathname];
    const words = /^\/widget\/(words\.[a-z]+\.json)$/.exec(url.pathname);
    const file = words ? [words[1], 'application/json'] : files[url.pathname];
    if (file) {
      res.setHeader('Content-Type', `${file[1]}; charset=utf-8`);
      if (url.pathname === '/widget/frame') res.setHeader('Content-Security-Policy', CSP);
      res.end(await readFile(join(dist, file[0])));
    } else if (url.pathname.startsWith('/shop')) {
      const page = hostPage(this.origin, url.searchParams);
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      if (page.csp) res.setHeader('Content-Security-Policy', page.csp);
      res.end(page.html);
    } else if (url.pathname === '/favicon.ico') {
      res.statusCode = 204;
      res.end();
    } else {
      res.statusCode = 404;
      res.end('not found');
    }
  }

  socket(ws) {
    let shopper;
    ws.on('message', (data) => {
      const f = JSON.parse(String(data));
      this.received.push(f);
      if (f.type === 'hello') {
        this.hellos.push(f);
        if (this.onHello?.(f, ws)) return;
        shopper = this.hello(f, ws);
      } else if (shopper && !this.onFrame?.(f, shopper, ws)) this.frame(f, shopper);
    });
    ws.on('close', () => shopper?.sockets.delete(ws));
    ws.on('error', () => {});
  }

  /** What the server says to a good hello; returns the shopper. */
  hello(f, ws) {
    let shopper = this.shoppers.get(f.visitor_token);
    if (f.visitor_token && !shopper) {
      refuse(ws, 4401, 'bad_token', 'This chat has expired.');
      return;
    }
    const fresh = !shopper;
    if (!shopper) {
      shopper = new Shopper(`vt_${randomUUID()}`);
      this.shoppers.set(shopper.token, shopper);
    }
    shopper.sockets.add(ws);
    const send = (o) => ws.send(JSON.stringify(o));
    send({
      type: 'welcome',
      ...(fresh && { visitor_token: shopper.token }),
      conversation_id: shopper.id,
      last_seq: shopper.events.length,
      greeting: this.greeting,
      suggestions: this.suggestions,
      agents_online: this.agentsOnline,
      read_seq: shopper.readSeq ?? 0,
      letters: this.letters,
      limits: { max_text: 4000 },
    });
    for (const e of shopper.events.slice(f.after_seq ?? 0)) send(e);
    if (shopper.turn) send({ type: 'delta', turn_id: shopper.turn.id, offset: 0, text: shopper.turn.text });
    return shopper;
  }

  frame(f, shopper) {
    const held = f.client_id && shopper.byClient.get(f.client_id);
    if (held) {
      shopper.send(held);
      return;
    }
    const author = { kind: 'shopper', name: '' };
    if (f.type === 'message') {
      shopper.say({ author, text: f.text, client_id: f.client_id });
      if (this.answer) this.reply(shopper);
    } else if (f.type === 'handoff') {
      shopper.say({ kind: 'handoff', author, text: f.note ?? '', client_id: f.client_id, handoff: { state: 'requested', ...(f.email && { email: f.email }) } });
      if (this.answer) this.passOn(shopper, f.email ? { email: f.email } : {});
    } else if (f.type === 'summary') {
      shopper.say({ kind: 'handoff', author, client_id: f.client_id, handoff: { state: 'corrected', summary: f.text } });
    } else if (f.type === 'rate') {
      shopper.say({ kind: 'rating', author, client_id: f.client_id, rating: { event_seq: f.event_seq, score: f.score } });
    }
  }

  /** The usual answer, streamed in pieces and finished. */
  reply(shopper, text = 'Yes. Shoes worn **once, indoors** can come back within 30 days [1].', citations = [RETURNS]) {
    const turn = this.begin(shopper);
    for (const piece of text.match(/.{1,9}/gs) ?? []) turn.delta(piece);
    turn.finish({ citations });
  }

  /** The bot's word that people have it now. */
  passOn(shopper, handoff = {}, text = 'I am passing this to a colleague.') {
    return shopper.say({ text, outcome: 'escalated', handoff: { state: 'passed', ...handoff } });
  }

  /** A turn that the test plays piece by piece. */
  begin(shopper, id = randomUUID()) {
    shopper.turn = { id, text: '' };
    const turn = shopper.turn;
    shopper.send({ type: 'status', turn_id: id, state: 'searching' });
    return {
      id,
      status: (state) => shopper.send({ type: 'status', turn_id: id, state }),
      delta(piece, sent = true) {
        const offset = turn.text.length;
        turn.text += piece;
        if (sent) shopper.send({ type: 'delta', turn_id: id, offset, text: piece });
      },
      retract(from, text) {
        turn.text = turn.text.slice(0, from) + (text ?? '');
        shopper.send({ type: 'retract', turn_id: id, from_offset: from, ...(text && { text }) });
        if (!turn.text) shopper.turn = undefined;
      },
      finish(more = {}) {
        shopper.turn = undefined;
        return shopper.say({ text: turn.text, turn_id: id, outcome: 'answered', ...more });
      },
    };
  }

  /** The only shopper there is. */
  get shopper() {
    return [...this.shoppers.values()].at(-1);
  }

  sent(type) {
    return this.received.filter((f) => f.type === type);
  }

  /** Closes every socket with this code. */
  cut(code) {
    for (const s of this.wss.clients) {
      if (code) s.close(code);
      else s.terminate();
    }
  }
}

/** An error frame and the close that belongs to it. */
export function refuse(ws, close, code, message, more = {}) {
  ws.send(JSON.stringify({ type: 'error', code, message, retry_after_ms: 0, ...more }));
  ws.close(close);
}
