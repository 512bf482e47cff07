// How a test starts a browser, and signs somebody in.
import { chromium } from 'playwright-core';

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** The console on one page. */
export class Console {
  constructor(page, care) {
    this.page = page;
    this.care = care;
    this.list = page.getByRole('listbox', { name: /^(Mine|Waiting|All|Resolved|Meine|Wartend|Alle|Gelöst)$/ });
    this.rows = this.list.getByRole('option');
    this.field = page.locator('#composer');
    this.timeline = page.getByRole('log');
    this.said = page.locator('.said');
    this.send = page.getByRole('button', { name: /^(Send|Save note|Senden|Send all the same)/ }).last();
    this.spoken = page.getByTestId('spoken');
    this.toasts = page.locator('.toast');
  }

  row(name) {
    return this.rows.filter({ hasText: name });
  }

  /** Opens an address below the shop's inbox. */
  async go(path = '/waiting') {
    await this.page.goto(`${this.care.url}${path}`);
  }

  /** Opens Ada's conversation and waits for what it shows. */
  async ada() {
    await this.go(`/waiting/${this.care.ada.id}`);
    await this.field.waitFor();
    // From here on the server tells this console what happens in it.
    while (![...this.care.wss.clients].some((s) => s.open === this.care.ada.id)) await new Promise((done) => setTimeout(done, 10));
  }

  press(...keys) {
    return keys.reduce((before, k) => before.then(() => this.page.keyboard.press(k)), Promise.resolve());
  }

  focused() {
    return this.page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '');
  }
}
