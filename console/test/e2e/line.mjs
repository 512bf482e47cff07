// What lies between a browser and the server, so that a test can cut it for one side alone.
import { connect, createServer } from 'node:net';

export class Line {
  static async to(url) {
    const it = new Line();
    const { hostname, port } = new URL(url);
    it.up = true;
    it.pairs = new Set();
    it.server = createServer((near) => {
      if (!it.up) return near.destroy();
      const far = connect(Number(port), hostname);
      const pair = [near, far];
      it.pairs.add(pair);
      for (const [a, b] of [pair, [far, near]]) {
        a.pipe(b);
        a.on('error', () => b.destroy());
        a.on('close', () => {
          b.destroy();
          it.pairs.delete(pair);
        });
      }
    });
    await new Promise((done) => it.server.listen(0, '127.0.0.1', done));
    it.url = `http://127.0.0.1:${it.server.address().port}`;
    return it;
  }

  /** Every connection breaks, and no new one comes about. */
  cut() {
    this.up = false;
    for (const pair of this.pairs) for (const s of pair) s.destroy();
  }

  mend() {
    this.up = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}
