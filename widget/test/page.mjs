// Page objects: how a test opens a shop's page, its launcher and the chat in the frame.
import { chromium } from 'playwright-core';

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The widget on one page of a shop. */
export class Widget {
  constructor(page) {
    this.page = page;
    this.launcher = page.locator('careloop-chat button.l');
    this.badge = page.locator('careloop-chat .b');
    this.panel = page.locator('careloop-chat .p');
    this.frame = page.frameLocator('careloop-chat iframe');
    const f = this.frame;
    this.app = f.locator('.app');
    this.log = f.getByRole('log');
    this.field = f.locator('.composer textarea');
    this.sendButton = f.locator('.send');
    this.person = f.locator('.person');
    this.banner = f.locator('.banner');
    this.live = f.locator('[aria-live=polite]');
    this.card = f.locator('.card');
    this.sheet = f.locator('.sheet');
    this.notices = f.locator('.notice');
    this.closeButton = f.locator('header .round');
    this.jump = f.locator('.jump');
    this.chips = f.locator('.chip');
    this.streaming = f.locator('.streaming');
    this.shopper = f.locator('.events .shopper .bubble');
    this.pending = f.locator('.pending .shopper');
    this.answers = f.locator('.events .msg.bot');
    this.answerText = f.locator('.events .msg.bot .rich');
    this.cites = f.locator('.events .cite');
  }

  /** Opens the chat and waits until it is connected. */
  async open() {
    await this.launcher.click();
    await this.ready();
  }

  ready() {
    return this.phase('ready');
  }

  /** Waits for a phase of the connection: connecting, ready, waiting, stopped. */
  phase(name) {
    return this.frame.locator(`.app[data-phase=${name}]`).waitFor();
  }

  async ask(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** Runs a function in the frame's own page. */
  async inside(run, arg) {
    const el = await this.page.locator('careloop-chat iframe').elementHandle();
    return (await el.contentFrame()).evaluate(run, arg);
  }
}

/** A shop's page with the widget on it; `query` is what test/host_page.mjs understands. */
export async function shopPage(context, shop, query = {}, path = '/shop') {
  const page = await context.newPage();
  await page.goto(`${shop}${path}?${new URLSearchParams(query)}`);
  return new Widget(page);
}
