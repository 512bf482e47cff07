// A whole Careloop in a process of its own: the real binary, its own cluster and data
// directory, the demo shop. CARELOOP names the binary (../bin/careloop).
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = process.env.CARELOOP ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'bin', 'careloop');
const patience = 60_000;

export class Instance {
  /** `env` holds further settings. */
  static async start(env = {}) {
    const it = new Instance();
    it.dir = await mkdtemp(join(tmpdir(), 'careloop-e2e-'));
    it.env = { ...process.env, CARELOOP_SHUTDOWN_SPREAD: '100ms' };
    // Its own cluster, whatever database the other tests use.
    for (const name of ['DATABASE_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL']) delete it.env[name];
    Object.assign(it.env, env);
    await it.serve('127.0.0.1:0');
    return it;
  }

  /** Runs the server until it says where it is; a restart keeps the address. */
  async serve(addr) {
    this.child = spawn(binary, ['serve', '--demo', '--data-dir', join(this.dir, 'data'), '--addr', addr], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (b) => (this.log = (this.log + b).slice(-8000)));
    this.ended = new Promise((done) => this.child.on('close', done));
    this.url = await new Promise((done, fail) => {
      let out = '';
      const late = setTimeout(() => fail(new Error(`it does not start\n${this.log}`)), patience);
      this.child.stdout.on('data', (b) => {
        const at = /http:\/\/127\.0\.0\.1:\d+/.exec((out += b));
        if (at) {
          clearTimeout(late);
          done(at[0]);
        }
      });
      this.ended.then(() => fail(new Error(`it ended\n${this.log}`)));
    });
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    return this.ended;
  }

  /** Runs another command on the same data. */
  command(...args) {
    const r = spawnSync(binary, [...args, '--data-dir', join(this.dir, 'data')], { env: this.env, encoding: 'utf8' });
    if (r.status !== 0) throw new Error(`careloop ${args}: ${r.stderr}`);
    return r.stdout;
  }

  async remove() {
    if (this.child.exitCode === null) await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
