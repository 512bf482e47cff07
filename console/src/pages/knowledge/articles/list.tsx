/** All articles of a shop: searched, filtered, sorted and paged by the address. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { number } from '../../../i18n';
import { follow, go, to } from '../../../state/router';
import { announce } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { Empty, Failure, Skeleton } from '../../../ui/pieces';
import { articles } from './api';
import { Filters, Tabs } from './filters';
import { useListKeys } from './keys';
import { New } from './new';
import { asked, filtered, PAGE, read, write, type Query } from './query';
import { Table } from './table';
import type { ArticleList } from './types';
import { plural, t } from './words';

/** Counts stop here: more are said to be more. */
const COUNTED = 10_000;

export function ListPage({ site, query }: { site: string; query: URLSearchParams }) {
  const q = read(query);
  const { data, error, busy, again } = useArticles(site, q);
  const [making, setMaking] = useState(false);
  const show = (next: Query, replace = false) => go(to.knowledge(site, 'articles', '', write(next)), replace);
  useListKeys(() => setMaking(true));

  const none = data !== undefined && data.counts.all === 0;
  return (
    <div class="articles" aria-busy={busy || undefined}>
      <div class="page-head">
        <h2>{t('articles')}</h2>
        {!none && (
          <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
            {t('write_one')}
          </Button>
        )}
      </div>
      {none ? (
        <Empty icon="book" title={t('no_articles')}>
          <p>{t('no_articles_hint')}</p>
          <div class="badges">
            <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
              {t('write_one')}
            </Button>
            <a class="button" href={to.knowledge(site, 'import')} onClick={follow}>
              {t('import_some')}
            </a>
          </div>
        </Empty>
      ) : (
        <>
          <Filters site={site} q={q} known={data} show={show} />
          <Tabs site={site} q={q} counts={data?.counts} />
          {error && <Failure text={error} retry={again} />}
          {data === undefined ? (
            !error && <Skeleton kind="row" rows={8} />
          ) : data.items.length === 0 && !error ? (
            <Empty icon="search" title={t(q.page > 1 && data.total > 0 ? 'no_such_page' : 'nothing_fits')}>
              <p>{t('nothing_fits_hint')}</p>
              <Button onClick={() => show(read(new URLSearchParams()))}>{t('clear_filters')}</Button>
            </Empty>
          ) : (
            <>
              <Table site={site} q={q} items={data.items} show={show} />
              <Pager site={site} q={q} data={data} />
            </>
          )}
        </>
      )}
      {making && <New site={site} close={() => setMaking(false)} />}
      {filtered(q) && data && data.items.length > 0 && (
        <p class="articles-clear">
          <Button small look="ghost" icon="close" onClick={() => show(read(new URLSearchParams()))}>
            {t('clear_filters')}
          </Button>
        </p>
      )}
    </div>
  );
}

/** What the query asks for; what was there before stays while it comes. */
function useArticles(site: string, q: Query) {
  const [data, setData] = useState<ArticleList>();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(true);
  const [round, setRound] = useState(0);
  const key = JSON.stringify(asked(q));
  const before = useRef(key);
  useEffect(() => {
    let wanted = true;
    setBusy(true);
    articles(site)
      .list(asked(q))
      .then(
        (got) => {
          if (!wanted) return;
          setData(got);
          setError('');
          if (before.current !== key) announce(plural('found', got.total));
          before.current = key;
        },
        (err: Error) => wanted && setError(err.message),
      )
      .finally(() => wanted && setBusy(false));
    return () => void (wanted = false);
  }, [key, round]);
  return { data, error, busy, again: () => setRound(round + 1) };
}

function Pager({ site, q, data }: { site: string; q: Query; data: ArticleList }) {
  const from = (q.page - 1) * PAGE;
  const last = from + data.items.length;
  const page = (n: number, label: string, icon: 'back' | 'chevronRight', there: boolean) =>
    there ? (
      <a class="button small" href={to.knowledge(site, 'articles', '', write({ ...q, page: n }))} onClick={(e) => (follow(e), document.getElementById('main')?.scrollTo(0, 0))}>
        {icon === 'back' && <Icon name={icon} />} {label} {icon !== 'back' && <Icon name={icon} />}
      </a>
    ) : (
      <span class="button small off" aria-disabled="true">
        {icon === 'back' && <Icon name={icon} />} {label} {icon !== 'back' && <Icon name={icon} />}
      </span>
    );
  return (
    <nav class="pager" aria-label={t('pages')}>
      <p>
        {t('range', { from: from + 1, to: last, total: data.total >= COUNTED ? t('or_more', { n: data.total }) : number(data.total) })}
      </p>
      {page(q.page - 1, t('previous'), 'back', q.page > 1)}
      {page(q.page + 1, t('next'), 'chevronRight', last < data.total)}
    </nav>
  );
}
