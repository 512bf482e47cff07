// Takes pictures of every page and state, to be looked at: node test/screens.mjs DIR [part of a name]
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Console, launch } from './page.mjs';
import { FakeCare } from './server.mjs';
import { states } from './states.mjs';

const [dir, part = ''] = process.argv.slice(2);
await mkdir(dir, { recursive: true });
const care = new FakeCare();
await care.listen();
const browser = await launch();
const sizes = { wide: { width: 1440, height: 900 }, middle: { width: 1024, height: 768 }, phone: { width: 390, height: 800 } };
for (const [name, state] of Object.entries(states)) {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const theme of ['light', 'dark']) {
      const label = `${name}-${size}-${theme}`;
      if (!label.includes(part)) continue;
      care.reset();
      const context = await browser.newContext({ viewport, colorScheme: theme, hasTouch: size === 'phone', isMobile: size === 'phone', reducedMotion: 'reduce' });
      context.setDefaultTimeout(5000);
      const c = new Console(await context.newPage(), care);
      try {
        await state(c, context);
        await c.page.screenshot({ path: join(dir, `${label}.png`) });
      } catch (err) {
        console.error(`${label}: ${String(err).split('\n')[0]}`);
        await c.page.screenshot({ path: join(dir, `${label}.png`) });
      }
      await context.close();
    }
  }
}
await browser.close();
await care.close();
