/** All articles of a shop: searched, filtered, sorted and paged by the address. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { people } from '../../../api/client';
import { follow, go, to } from '../../../state/router';
import { me } from '../../../state/session';
import { announce } from '../../../state/toasts';
import { phone } from '../../../state/view';
import { Button } from '../../../ui/button';
import { useLoad } from '../../../ui/load';
import { Empty, Failure, Skeleton } from '../../../ui/pieces';
import { FilterSelect, NoneFit, Pager, refined, SearchField, StateTabs, useRows, type Place } from '../listing';
import { articles } from './api';
import { useListKeys } from './keys';
import { New } from './new';
import { asked, filtered, FILTERS, SORTS } from './query';
import { Table } from './table';
import { AUDIENCES, STATES, type ArticleList } from './types';
import { plural, sourceName, t, tongue } from './words';

export function ListPage({ site, query }: { site: string; query: URLSearchParams }) {
  const place: Place = { site, tab: 'articles', query };
  const rows = useRows(() => articles(site).list(asked(query)), [site, query.toString()], site);
  const [making, setMaking] = useState(false);
  const { data, error } = rows;
  useListKeys(() => setMaking(true));

  // A new search is told to those who cannot see it.
  const q = query.get('q') ?? '';
  const said = useRef(q);
  useEffect(() => {
    if (rows.stale || !data || said.current === q) return;
    said.current = q;
    announce(plural('found', data.total));
  }, [data, rows.stale]);

  const none = data !== undefined && data.counts.all === 0;
  const state = query.get('state') ?? '';
  return (
    <>
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
          <div class="page-tools">
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
          <StateTabs
            place={place}
            now={state}
            states={[
              { value: '', label: t('state_all'), count: data?.counts.all },
              ...STATES.map((s) => ({ value: s, label: t(`state_${s}`), count: data?.counts[s] })),
              { value: 'due', label: t('state_due'), count: data?.counts.due },
            ]}
          />
          <Filters place={place} known={data} />
          {error && (
            <div>
              <Failure text={error} retry={() => void rows.again()} />
            </div>
          )}
          {data === undefined ? (
            !error && <Skeleton kind="row" rows={8} />
          ) : data.items.length === 0 ? (
            <NoneFit place={place} keep={['sort']} />
          ) : (
            <>
              <Table place={place} items={data.items} stale={rows.stale} />
              <Pager place={place} total={data.total} />
            </>
          )}
        </>
      )}
      {making && <New site={site} close={() => setMaking(false)} />}
    </>
  );
}

function Filters({ place, known }: { place: Place; known: ArticleList | undefined }) {
  const { site, query } = place;
  const agents = useLoad(() => people.agents(), [site]);
  const one = (name: string, label: string, every: string, options: { value: string; label: string }[]) => (
    <FilterSelect place={place} name={name} label={label} options={[{ value: '', label: every }, ...options]} />
  );
  return (
    <div class="filters">
      <SearchField place={place} label={t('search')} />
      {one('locale', t('language'), t('every_language'), (known?.locales ?? []).map((l) => ({ value: l, label: tongue(l) })))}
      {one('tag', t('tag'), t('every_tag'), (known?.tags ?? []).map((x) => ({ value: x, label: x })))}
      {one('source', t('source'), t('every_source'), (known?.sources ?? []).map((x) => ({ value: x, label: sourceName(x) })))}
      {one('audience', t('audience'), t('every_audience'), AUDIENCES.map((a) => ({ value: a, label: t(`audience_${a}`) })))}
      {one('owner', t('owner'), t('every_owner'), [
        ...(me.value ? [{ value: me.value.id, label: t('owner_me') }] : []),
        { value: 'none', label: t('owner_none') },
        ...(agents.data?.agents ?? []).filter((a) => a.id !== me.value?.id).map((a) => ({ value: a.id, label: a.name })),
      ])}
      {phone.value && (
        // Elsewhere the heads of the columns sort.
        <FilterSelect place={place} name="sort" label={t('sort')} options={SORTS.map((s) => ({ value: s === 'updated' ? '' : s, label: t('sorted', { by: t(`sort_${s}`) }) }))} />
      )}
      {filtered(query) && (
        <Button small look="ghost" icon="close" onClick={() => go(refined(place, Object.fromEntries(FILTERS.map((f) => [f, '']))))}>
          {t('clear_filters')}
        </Button>
      )}
    </div>
  );
}

