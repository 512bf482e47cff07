// A small Careloop for the console's tests: serves dist/ as the real one does, answers the REST
// interface of docs/console.md from memory, keeps the consoles' sockets, and does what a test tells it.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { ROOMS } from './rooms/index.mjs';
import { ADMIN, AGENT, fill, SITE } from './world.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const KINDS = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };

class Problem extends Error {
  constructor(status, code, detail = code, more = {}, headers = {}) {
    super(detail);
    Object.assign(this, { status, code, more, headers });
  }
}
export const refuse = (status, code, detail, more, headers) => new Problem(status, code, detail, more, headers);

export class FakeCare {
  constructor() {
    this.reset();
  }

  /** Back to a friendly server with one conversation that waits. Open sockets are closed. */
  reset() {
    for (const s of this.wss?.clients ?? []) s.terminate();
    this.calls = []; // every REST request: {method, path, body}
    this.frames = []; // every frame from consoles
    this.up = true; // false: sockets are refused
    this.reachable = true; // false: REST answers nothing
    this.oidc = '';
    this.sessions = new Map(); // cookie → agent
    this.before = undefined; // (call) => answer, to stand in for a handler; undefined goes on
    Object.assign(this, { agents: [], conversations: new Map(), macros: [], filters: [], invitations: [], teams: [], audit: [], mentions: [], articles: [], guides: [] });
    fill(this);
    for (const room of ROOMS) room.fill(this);
  }

  async listen() {
    this.server = createServer((req, res) => this.http(req, res));
    this.wss = new WebSocketServer({ noServer: true, handleProtocols: (p) => (p.has('careloop-console.v1') ? 'careloop-console.v1' : false) });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.server.on('upgrade', (req, socket, head) => {
      if (!this.up || new URL(req.url, 'http://x').pathname !== '/v1/console/live') return socket.destroy();
      this.wss.handleUpgrade(req, socket, head, (ws) => this.socket(ws, this.who(req)));
    });
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
  }

  async close() {
    for (const s of this.wss.clients) s.terminate();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  who(req) {
    const cookie = /careloop_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    return this.sessions.get(cookie);
  }

  /** Signs an agent in without the page: the cookie for a browser's context. */
  cookie(agent = ADMIN) {
    const value = randomUUID();
    this.sessions.set(value, this.agents.find((a) => a.id === agent.id));
    return { name: 'careloop_session', value, url: this.origin };
  }

  /** Ends every session, as an admin who disables somebody would. */
  endSessions(close = true) {
    this.sessions.clear();
    if (close) for (const s of this.wss.clients) s.close(4401);
  }

  async http(req, res) {
    const url = new URL(req.url, this.origin);
    if (url.pathname.startsWith('/v1/console/')) return this.rest(req, res, url);
    const asset = /^\/console\/assets\/([\w.-]+)$/.exec(url.pathname)?.[1];
    const name = asset ?? (url.pathname.startsWith('/console') ? 'index.html' : '');
    if (!name) {
      res.statusCode = url.pathname === '/favicon.ico' ? 204 : 404;
      return res.end();
    }
    res.setHeader('Content-Type', `${KINDS[/\.\w+$/.exec(name)[0]]}; charset=utf-8`);
    res.setHeader('Content-Security-Policy', CSP);
    res.end(await readFile(join(dist, name)));
  }

  async rest(req, res, url) {
    if (!this.reachable) return req.socket.destroy();
    let raw = '';
    for await (const piece of req) raw += piece;
    const call = {
      method: req.method,
      path: url.pathname.slice('/v1/console/'.length),
      query: Object.fromEntries(url.searchParams),
      body: raw ? JSON.parse(raw) : undefined,
      agent: this.who(req),
    };
    // For an answer that comes in pieces; no part of what tests compare.
    Object.defineProperty(call, 'res', { value: res });
    this.calls.push(call);
    const send = (status, data, headers = {}) => {
      res.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers });
      res.end(data === undefined ? '' : JSON.stringify(data));
    };
    try {
      const stood = await this.before?.(call);
      if (stood === 'hang') return;
      const got = stood ?? (await this.answer(call, res));
      if (!res.headersSent) send(got === undefined ? 204 : 200, got);
    } catch (err) {
      if (!(err instanceof Problem)) throw err;
      send(err.status, { status: err.status, title: err.code, detail: err.message, code: err.code, ...err.more }, err.headers);
    }
  }

  async answer(call, res) {
    const { method, path, body } = call;
    const is = (m, re) => (method === m ? re.exec(path) : null);
    let m;
    if (is('GET', /^sign-in$/)) return { sign_in: { oidc: this.oidc } };
    if (is('POST', /^session$/)) {
      const agent = this.agents.find((a) => a.email === body.email);
      if (!agent || body.password !== 'correct horse') throw refuse(401, 'wrong_credentials', 'Wrong.');
      return this.signedIn(agent, res);
    }
    if ((m = is('GET', /^invitation\/(\w+)$/) ?? is('POST', /^invitation\/(\w+)$/))) {
      if (m[1] === 'gone') throw refuse(404, 'unknown_invitation', 'This invitation is gone.');
      const first = m[1] === 'first';
      if (method === 'GET')
        return { email: first ? '' : 'new@shop.example', name: first ? '' : 'Nell', role: first ? 'admin' : 'agent', expires_at: new Date(Date.now() + 864e5).toISOString(), first };
      if (/^(password|qwerty)/.test(body.password)) throw refuse(422, 'weak_password', 'That password is among the most common. Please choose another.');
      const agent = { ...AGENT, id: randomUUID(), email: body.email, name: body.name, role: first ? 'admin' : 'agent' };
      this.agents.push(agent);
      return this.signedIn(agent, res);
    }
    if (!call.agent) throw refuse(401, 'signed_out', 'You are signed out.');
    const me = call.agent;
    if (is('GET', /^session$/)) return { agent: me, sites: this.sites, sign_in: { oidc: this.oidc }, version: '0.4.0' };
    if (is('DELETE', /^session$/)) return void this.sessions.clear();
    if (is('GET', /^sessions$/)) return { sessions: this.own };
    if ((m = is('DELETE', /^sessions\/(.+)$/))) return void (this.own = this.own.filter((s) => s.id !== m[1]));
    if (is('PATCH', /^me$/)) {
      if (body.new_password && body.current_password !== 'correct horse') throw refuse(401, 'wrong_credentials', 'The current password is not right.');
      const { current_password, new_password, ...rest } = body;
      return { agent: Object.assign(me, rest) };
    }
    if (is('PUT', /^presence$/)) return void (me.presence = body.presence);
    if ((m = /^sites\/([^/]+)\/(.*)$/.exec(path))) {
      if (!this.sites.some((s) => s.key === m[1])) throw refuse(404, 'unknown_site', 'No such shop.');
      return this.shop(method, m[2], call);
    }
    if (me.role !== 'admin') throw refuse(403, 'not_allowed', 'Only an admin may do this.');
    if (is('GET', /^agents$/)) return { agents: this.agents };
    if ((m = is('PATCH', /^agents\/(.+)$/))) {
      if (body.disabled && m[1] === ADMIN.id) throw refuse(409, 'last_admin', 'The last admin has to stay.');
      return { agent: Object.assign(this.agents.find((a) => a.id === m[1]), body) };
    }
    if (is('GET', /^invitations$/)) return { invitations: this.invitations };
    if (is('POST', /^invitations$/)) {
      const invitation = { id: randomUUID(), name: '', site_keys: [], ...body, created_at: new Date().toISOString(), expires_at: new Date(Date.now() + 864e5).toISOString(), state: 'open' };
      this.invitations.push(invitation);
      return { invitation, link: `${this.origin}/console/invitation/abc` };
    }
    if ((m = is('DELETE', /^invitations\/(.+)$/))) return void (this.invitations = this.invitations.filter((i) => i.id !== m[1]));
    if (is('GET', /^audit$/)) {
      const from = call.query.before ? this.audit.filter((e) => e.id < Number(call.query.before)) : this.audit;
      return { entries: from.slice(0, 20), next: from.length > 20 ? from[19].id : 0 };
    }
    throw refuse(404, 'not_found', 'No such address.');
  }

  signedIn(agent, res) {
    const cookie = this.cookie(agent);
    res.setHeader('Set-Cookie', `careloop_session=${cookie.value}; Path=/; HttpOnly; SameSite=Lax`);
    return { agent };
  }

  shop(method, path, call) {
    const { body, query, agent: me } = call;
    const is = (m, re) => (method === m ? re.exec(path) : null);
    let m;
    if (is('GET', /^conversations$/)) return this.list(query, me);
    if ((m = /^conversations\/([^/]+)(?:\/(.*))?$/.exec(path))) {
      const c = this.conversations.get(m[1]);
      if (!c) throw refuse(404, 'unknown_conversation', 'No such conversation.');
      return c.rest(method, m[2] ?? '', call);
    }
    if (is('GET', /^people$/)) return { agents: this.agents.map((a) => ({ id: a.id, name: a.name, online: a.online, open: 2 })), teams: this.teams.map(({ id, name }) => ({ id, name })) };
    if (is('GET', /^filters$/)) return { items: this.filters };
    if (is('POST', /^filters$/)) {
      const filter = { id: randomUUID(), ...body };
      this.filters.push(filter);
      return { filter };
    }
    if ((m = is('DELETE', /^filters\/(.+)$/))) return void (this.filters = this.filters.filter((f) => f.id !== m[1]));
    if (is('GET', /^mentions$/)) return { items: this.mentions };
    if (is('GET', /^articles\/search$/)) return { articles: this.articles.filter((a) => a.title.toLowerCase().includes(query.q.toLowerCase().trim())) };
    const kind = /^(macros|teams)(?:\/(.+))?$/.exec(path);
    if (kind) {
      const [, name, id] = kind;
      if (method === 'GET') return { [name === 'macros' ? "items" : name]: this[name].filter((x) => !query.q || x.name.toLowerCase().includes(query.q.toLowerCase())) };
      if (method === 'POST') this[name].push({ id: randomUUID(), uses: 0, ...body });
      else if (method === 'DELETE') this[name] = this[name].filter((x) => x.id !== id);
      else Object.assign(this[name].find((x) => x.id === id), body);
      return {};
    }
    if (path === 'settings') {
      if (method === 'PUT') this.settings = body;
      return this.settings;
    }
    if (is('GET', /^care-guide\/versions$/)) return { items: this.guides };
    if (path === 'care-guide') {
      if (method === 'PUT') {
        this.guide = { ...body, version: this.guide.version + 1, default: false };
        this.guides.unshift({ ...this.guide, at: new Date().toISOString(), by: me.name });
      }
      return this.guide;
    }
    for (const room of ROOMS) {
      const got = room.answer(this, method, path, call);
      if (got !== undefined) return got ?? undefined;
    }
    throw refuse(404, 'not_found', 'No such address.');
  }

  counts(me) {
    const rows = [...this.conversations.values()].map((c) => c.row);
    const open = rows.filter((r) => r.state === 'open');
    return {
      mine: open.filter((r) => r.assignee?.id === me?.id).length,
      waiting: open.filter((r) => r.waiting_since).length,
      all: rows.length,
      resolved: rows.length - open.length,
    };
  }

  list(q, me) {
    const limit = Number(q.limit ?? 50);
    const has = (r) =>
      (q.view === 'all' || (q.view === 'resolved' ? r.state === 'closed' : r.state === 'open' && (q.view === 'mine' ? r.assignee?.id === me.id : r.waiting_since && (!r.assignee || r.assignee.id === me.id)))) &&
      (!q.q || `${r.shopper.name} ${r.last_text}`.toLowerCase().includes(q.q.toLowerCase())) &&
      (!q.person || `${r.shopper.name} ${r.shopper.email}`.toLowerCase().includes(q.person.toLowerCase())) &&
      (!q.tag || r.tags.includes(q.tag)) &&
      (!q.team || r.team?.id === q.team);
    const rows = [...this.conversations.values()].map((c) => c.row).filter(has);
    if (q.view === 'waiting') rows.sort((a, b) => b.urgency - a.urgency || a.waiting_since.localeCompare(b.waiting_since));
    else rows.sort((a, b) => b.updated_at.localeCompare(a.updated_at) || b.id.localeCompare(a.id));
    const from = Number(q.cursor || 0);
    return { items: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : '', counts: this.counts(me) };
  }

  socket(ws, agent) {
    ws.agent = agent;
    ws.open = '';
    ws.on('error', () => {});
    ws.on('message', (data) => {
      const f = JSON.parse(String(data));
      this.frames.push({ ...f, by: agent?.id });
      if (!agent) return ws.close(4401);
      if (f.type === 'hello') ws.send(JSON.stringify({ type: 'welcome', agents_online: this.agents.filter((a) => a.online).map((a) => a.id), counts: this.counts(agent) }));
      if (f.type === 'hello' || f.type === 'open') {
        const before = ws.open;
        ws.open = f.conversation_id ?? '';
        const c = this.conversations.get(ws.open);
        for (const e of c?.events.filter((x) => x.seq > (f.after_seq ?? 0)) ?? []) ws.send(JSON.stringify({ type: 'event', ...e }));
        if (before && before !== ws.open) this.show(before, { type: 'looking', agent_id: agent.id, name: agent.name, gone: true }, ws);
        if (ws.open) this.show(ws.open, { type: 'looking', agent_id: agent.id, name: agent.name }, ws);
      }
    });
  }

  /** Sends a frame to every console that has this conversation open. */
  show(id, frame, but) {
    for (const s of this.wss.clients) if (s !== but && s.open === id) s.send(JSON.stringify({ conversation_id: id, ...frame }));
  }

  /** Sends a frame to every console, or to one agent's. */
  tell(frame, agentId) {
    for (const s of this.wss.clients) if (!agentId || s.agent?.id === agentId) s.send(JSON.stringify(typeof frame === 'function' ? frame(s.agent) : frame));
  }

  cut(code) {
    for (const s of this.wss.clients) {
      if (code) s.close(code);
      else s.terminate();
    }
  }

  unavailable() {
    return refuse(503, 'unavailable', 'Something went wrong on our side. Please try again in a moment.');
  }

  asked(method, re) {
    return this.calls.filter((c) => c.method === method && re.test(c.path));
  }

  sent(type) {
    return this.frames.filter((f) => f.type === type);
  }

  get url() {
    return `${this.origin}/console/shops/${SITE.key}/inbox`;
  }
}
