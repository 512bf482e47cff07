/** What admins know and find out about a shop's knowledge: a row of tabs, each loaded when it is first opened. */
import { useEffect, useRef } from 'preact/hooks';
import { t, type Key } from '../../i18n';
import { follow, to } from '../../state/router';
import { sites } from '../../state/session';
import { lazy, style } from '../../ui/lazy';

/** What every tab is given: the shop, what is opened in it, and how it is filtered. */
export interface TabProps {
  site: string;
  id: string;
  query: URLSearchParams;
}

const TABS: Record<string, ReturnType<typeof lazy<TabProps>>> = {
  articles: lazy(async () => (await import('./articles/page')).ArticlesPage),
  gaps: lazy(async () => (await import('./gaps/page')).GapsPage),
  ask: lazy(async () => (await import('./ask/page')).AskPage),
  golden: lazy(async () => (await import('./golden/page')).GoldenPage),
  import: lazy(async () => (await import('./import/page')).ImportPage),
  insight: lazy(async () => (await import('./insight/page')).InsightPage),
};

declare const KNOWLEDGE_STYLE: string;

export function KnowledgePage({ site, tab, id, query }: TabProps & { tab: string }) {
  style(KNOWLEDGE_STYLE);
  const now = tab in TABS ? tab : 'articles';
  const Tab = TABS[now]!;
  const tabs = useRef<HTMLElement>(null);
  // On a phone the tabs are a row that is wider than the screen.
  useEffect(() => tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [now]);
  // What is opened in a tab begins at its top, and there the keyboard goes on, too.
  const first = useRef(true);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!first.current) {
      main.current?.scrollTo({ top: 0 });
      if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
    }
    first.current = false;
  }, [site, now, id]);
  return (
    <div class="settings knowledge">
      <nav class="settings-nav" ref={tabs} aria-label={t('knowledge')}>
        <h1>{t('knowledge')}</h1>
        <p class="hint">{sites.value.find((s) => s.key === site)?.name}</p>
        {Object.keys(TABS).map((x) => (
          <a key={x} href={to.knowledge(site, x)} onClick={follow} aria-current={x === now ? 'page' : undefined}>
            {t(`tab_${x}` as Key)}
          </a>
        ))}
      </nav>
      <main class="settings-page knowledge-page" id="main" tabIndex={-1} ref={main} key={site + now}>
        <Tab site={site} id={id} query={query} />
      </main>
    </div>
  );
}
