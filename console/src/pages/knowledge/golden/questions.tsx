/** The golden questions: found, filtered, edited, taken from files and from conversations. */
import { useEffect, useState } from 'preact/hooks';
import { languageName, number } from '../../../i18n';
import { failed } from '../../../state/toasts';
import { follow, go, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Show } from '../../../ui/load';
import { Badge, Empty } from '../../../ui/pieces';
import { FilterSelect, NoneFit, offsetOf, PAGE, Pager, refined, SearchField, useRows, type Place } from '../listing';
import { knowledge, type Golden } from './api';
import { Edit, VERDICTS, type Proposed } from './edit';
import { FileDialog } from './file';
import { Proposals } from './proposals';
import { StartReplay } from './start';
import { w } from './words';

type Opened = { kind: 'edit'; of: Proposed } | { kind: 'file' } | { kind: 'past' } | { kind: 'replay' };

export function Questions({ site, query }: { site: string; query: URLSearchParams }) {
  const { t } = w;
  const now = { q: query.get('q') ?? '', verdict: query.get('verdict') ?? '', locale: query.get('locale') ?? '', result: query.get('result') ?? '' };
  const place: Place = { site, tab: 'golden', query };
  const offset = offsetOf(query);
  const got = useRows(() => knowledge(site).list({ ...now, limit: PAGE, offset }), [site, now.q, now.verdict, now.locale, now.result, offset], site);
  const [opened, setOpened] = useState<Opened>();
  const asked = query.get('edit') ?? '';
  useEffect(() => {
    if (asked) knowledge(site).one(asked).then((x) => setOpened({ kind: 'edit', of: x }), failed);
  }, [asked]);
  const locales = got.data?.locales.length ? got.data.locales : ['en'];
  const blank: Proposed = { question: '', locale: locales[0]!, history: [], verdict: 'answer', articles: [], note: '', signed_in: false };
  const reload = () => void got.again();
  return (
    <>
      <div class="golden-tools">
        <Button look="primary" icon="plus" onClick={() => setOpened({ kind: 'edit', of: blank })}>
          {t('new_question')}
        </Button>
        <Button icon="refresh" onClick={() => setOpened({ kind: 'replay' })}>
          {t('replay_now')}
        </Button>
        <span class="grow" />
        <Button icon="inbox" onClick={() => setOpened({ kind: 'past' })}>
          {t('from_past')}
        </Button>
        <Button icon="file" onClick={() => setOpened({ kind: 'file' })}>
          {t('import')}
        </Button>
        <a class="button" href={knowledge(site).file} download="golden.jsonl">
          {t('export')}
        </a>
      </div>
      <div class="filters">
        <SearchField place={place} label={t('search_questions')} />
        <FilterSelect place={place} name="verdict" label={t('verdict')} options={[{ value: '', label: t('any_verdict') }, ...VERDICTS.map((v) => ({ value: v, label: t(`verdict_${v}`) }))]} />
        <FilterSelect
          place={place}
          name="result"
          label={t('result')}
          options={[{ value: '', label: t('any_result') }, ...(['wrong', 'right', 'none'] as const).map((r) => ({ value: r, label: t(`result_${r}`) }))]}
        />
        <FilterSelect
          place={place}
          name="locale"
          label={t('language')}
          options={[{ value: '', label: t('any_language') }, ...(got.data?.locales ?? []).map((l) => ({ value: l, label: languageName(l) }))]}
        />
      </div>
      <Show from={got} rows={8}>
        {(x) =>
          x.counts.all === 0 ? (
            <Empty icon="check" title={t('golden_empty')}>
              <p>{t('golden_empty_hint')}</p>
            </Empty>
          ) : (
            <>
              <p class="hint" role="status">
                {w.plural('questions_n', x.total)}
                {x.replay && (
                  <>
                    {' '}
                    <a href={to.knowledge(site, 'golden', x.replay)} onClick={follow}>
                      {t('last_replay', { right: number(x.counts.right), all: number(x.counts.right + x.counts.wrong) })}
                    </a>
                  </>
                )}
              </p>
              {x.items.length === 0 ? (
                <NoneFit place={place} />
              ) : (
                <ul class={`rows card golden-rows${got.stale ? ' stale' : ''}`}>
                  {x.items.map((g) => (
                    <Row key={g.id} site={site} of={g} edit={() => setOpened({ kind: 'edit', of: g })} />
                  ))}
                </ul>
              )}
              <Pager place={place} total={x.total} />
            </>
          )
        }
      </Show>
      {opened?.kind === 'edit' && (
        <Edit
          site={site}
          of={opened.of}
          locales={locales}
          close={() => {
            setOpened(undefined);
            if (asked) go(refined(place, { edit: '', page: query.get('page') ?? '' }), true);
          }}
          done={reload}
        />
      )}
      {opened?.kind === 'file' && <FileDialog site={site} close={() => setOpened(undefined)} done={reload} />}
      {opened?.kind === 'past' && <Proposals site={site} close={() => setOpened(undefined)} use={(of) => setOpened({ kind: 'edit', of })} />}
      {opened?.kind === 'replay' && <StartReplay site={site} goldens={got.data?.counts.all ?? 0} close={() => setOpened(undefined)} />}
    </>
  );
}

function Row({ site, of: g, edit }: { site: string; of: Golden; edit: () => void }) {
  const { t } = w;
  const ask = to.knowledge(site, 'ask', '', { q: g.question, locale: g.locale, history: g.history.length ? JSON.stringify(g.history) : '', signed_in: g.signed_in ? '1' : '' });
  return (
    <li>
      <div class="grow">
        <strong>{g.question}</strong>
        <p class="badges">
          <Badge>{languageName(g.locale)}</Badge>
          {g.history.length > 0 && <Badge icon="reply">{w.plural('messages_before', g.history.length)}</Badge>}
          {g.signed_in && <Badge icon="user">{t('signed_in_short')}</Badge>}
          <span class="hint">
            {t(`verdict_${g.verdict}`)}
            {g.articles.length > 0 && `: ${g.articles.map((a) => a.title).join(', ')}`}
          </span>
          {g.articles.some((a) => !a.published) && <Badge tone="warn">{t('not_published')}</Badge>}
        </p>
        {g.note && <p class="hint">{g.note}</p>}
      </div>
      <div class="golden-last">
        {g.last ? (
          <>
            <Badge tone={g.last.right ? 'good' : 'bad'} icon={g.last.right ? 'check' : 'close'}>
              {t(g.last.right ? 'right' : 'wrong')}
            </Badge>
            {!g.last.right && <span class="hint">{w.coded('why', g.last.why)}</span>}
          </>
        ) : (
          <span class="hint">{t('never_replayed')}</span>
        )}
      </div>
      <a class="button small" href={ask} onClick={follow} aria-label={t('ask_named', { name: g.question })}>
        {t('ask')}
      </a>
      <Button small icon="edit" onClick={edit} aria-label={t('edit_named', { name: g.question })}>
        {t('edit')}
      </Button>
    </li>
  );
}

