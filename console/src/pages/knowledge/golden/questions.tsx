/** The golden questions: found, filtered, edited, taken from files and from conversations. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { languageName, number } from '../../../i18n';
import { failed } from '../../../state/toasts';
import { follow, go, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Field, Select } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { Badge, Empty } from '../../../ui/pieces';
import { knowledge, type Golden } from './api';
import { Edit, VERDICTS, type Proposed } from './edit';
import { FileDialog } from './file';
import { PAGE, Paging } from './paging';
import { Proposals } from './proposals';
import { StartReplay } from './start';
import { w } from './words';

const PAUSE = 250;
type Opened = { kind: 'edit'; of: Proposed } | { kind: 'file' } | { kind: 'past' } | { kind: 'replay' };

export function Questions({ site, query }: { site: string; query: URLSearchParams }) {
  const { t } = w;
  const now = { q: query.get('q') ?? '', verdict: query.get('verdict') ?? '', locale: query.get('locale') ?? '', result: query.get('result') ?? '' };
  const offset = Number(query.get('offset')) || 0;
  const got = useLoad(() => knowledge(site).list({ ...now, limit: PAGE, offset }), [site, now.q, now.verdict, now.locale, now.result, offset]);
  const [q, setQ] = useState(now.q);
  const [opened, setOpened] = useState<Opened>();
  const at = (change: Partial<typeof now>, from = 0) => to.knowledge(site, 'golden', '', { ...now, ...change, offset: from ? String(from) : '' });
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = setTimeout(() => go(at({ q: q.trim() }), true), PAUSE);
    return () => clearTimeout(timer);
  }, [q]);
  const asked = query.get('edit') ?? '';
  useEffect(() => {
    if (asked) knowledge(site).one(asked).then((x) => setOpened({ kind: 'edit', of: x }), failed);
  }, [asked]);
  const locales = got.data?.locales.length ? got.data.locales : ['en'];
  const blank: Proposed = { question: '', locale: locales[0]!, history: [], verdict: 'answer', articles: [], note: '', signed_in: false };
  const reload = () => void got.again();
  const filtered = !!(now.q || now.verdict || now.locale || now.result);
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
      <div class="golden-filters">
        <Field label={t('search')} hideLabel type="search" placeholder={t('search')} value={q} onInput={(e) => setQ(e.currentTarget.value)} />
        <Select label={t('verdict')} hideLabel value={now.verdict} onChange={(e) => go(at({ verdict: e.currentTarget.value }))}>
          <option value="">{t('any_verdict')}</option>
          {VERDICTS.map((v) => (
            <option key={v} value={v}>
              {t(`verdict_${v}`)}
            </option>
          ))}
        </Select>
        <Select label={t('result')} hideLabel value={now.result} onChange={(e) => go(at({ result: e.currentTarget.value }))}>
          <option value="">{t('any_result')}</option>
          <option value="wrong">{t('result_wrong')}</option>
          <option value="right">{t('result_right')}</option>
          <option value="none">{t('result_none')}</option>
        </Select>
        <Select label={t('language')} hideLabel value={now.locale} onChange={(e) => go(at({ locale: e.currentTarget.value }))}>
          <option value="">{t('any_language')}</option>
          {(got.data?.locales ?? (now.locale ? [now.locale] : [])).map((l) => (
            <option key={l} value={l}>
              {languageName(l)}
            </option>
          ))}
        </Select>
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
                <Empty icon="search" title={t('nothing_fits')}>
                  {filtered && (
                    <a class="button" href={to.knowledge(site, 'golden')} onClick={(e) => (setQ(''), follow(e))}>
                      {t('show_all')}
                    </a>
                  )}
                </Empty>
              ) : (
                <ul class="rows card golden-rows">
                  {x.items.map((g) => (
                    <Row key={g.id} site={site} of={g} edit={() => setOpened({ kind: 'edit', of: g })} />
                  ))}
                </ul>
              )}
              <Paging offset={offset} total={x.total} at={(from) => at({}, from)} />
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
            if (asked) go(at({}, offset), true);
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

