// The states of the import pages.
import { importRun, LAYOUT } from './import.mjs';

/** `page` is that of states.mjs: an address, a text to wait for, and what is done before and then. */
export const importStates = (page) => {
  const at = (path, ready, more) => page(`/console/shops/demo/knowledge/import${path}`, ready, more);
  const one = (change, ready, more = {}) => at('/r9', ready, { ...more, before: (care) => care.imports.unshift(importRun({ id: 'r9', ...change })) });
  const german = { agent: { locale: 'de' } };
  return {
    import: at('', 'Imports so far'),
    'import-german': at('', 'Bisherige Importe', german),
    'import-empty': at('', 'Nothing was imported yet', { before: (care) => Object.assign(care, { imports: [], importSources: [] }) }),
    'import-refused': at('', 'Choose files', {
      then: async (c) => {
        await c.page.locator('input[type=file]').setInputFiles({ name: 'setup.exe', mimeType: 'x/y', buffer: Buffer.from('MZ') });
        await c.page.getByText('setup.exe cannot be imported').waitFor();
      },
    }),
    'import-source': at('', 'Imports so far', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'Add a source' }).click();
        await c.page.getByLabel('How often it is read').selectOption('hours');
        await c.page.getByLabel('Address').fill('ftp:');
      },
    }),
    'import-source-menu': at('', 'Imports so far', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'More about https://shop.example/sitemap.xml' }).click();
        await c.page.getByRole('menu').waitFor();
      },
    }),
    'import-source-remove': at('', 'Imports so far', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'More about https://shop.example/sitemap.xml' }).click();
        await c.page.getByRole('menuitem', { name: 'Remove' }).click();
        await c.page.getByText('Remove and unpublish 216 articles').waitFor();
      },
    }),
    'import-ready': at('/r1', 'How do I wash wool?'),
    'import-ready-german': at('/r1', 'How do I wash wool?', german),
    'import-refusals': at('/r1?state=refused', 'text follows a closing quote'),
    'import-change': at('/r1', 'Returns and exchanges', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'Returns and exchanges' }).click();
        await c.page.getByText('lines are the same').waitFor();
      },
    }),
    'import-asking': one({ state: 'asking', table: LAYOUT, read_at: null }, 'Which column is what?'),
    'import-reading': one({ state: 'reading', read_at: null, done: 1234, total: 5000, counts: { new: 1200, refused: 34, chosen: 1200 } }, '1,234 of 5,000'),
    'import-crawling': one({ state: 'reading', kind: 'crawl', name: 'https://shop.example/help/', file_name: '', bytes: 0, read_at: null, done: 12, total: 40 }, '12 read, 40 found so far'),
    'import-applying': one({ state: 'applying', done: 300, total: 4950, counts: { new: 4950, chosen: 4950, applied: 300 } }, '300 of 4,950'),
    'import-stopped': one({ state: 'stopped', held: 'hidden', counts: { new: 40, chosen: 40, applied: 12, refused: 1 } }, 'Go on with 28 articles'),
    'import-failed': one({ state: 'failed', message: 'nothing_found', counts: { refused: 2 } }, 'No article was found'),
    'import-done': one({ state: 'done', counts: { new: 40, chosen: 40, applied: 39, failed: 1 } }, '39 articles applied'),
    'import-undo': one({ state: 'done', counts: { new: 40, chosen: 40, applied: 40 } }, '40 articles applied', {
      then: (c) => c.page.getByRole('button', { name: 'Undo' }).click(),
    }),
    'import-undone': one({ state: 'undone', counts: { new: 40, chosen: 40, undone: 38, kept: 2 } }, 'but for 2 articles'),
    'import-unknown': at('/nowhere', 'There is no such import'),
  };
};
