/** Ask: a question as a shopper would put it, and all that became of it. Every question is an address. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { languageName, t as common } from '../../../i18n';
import { announce } from '../../../state/toasts';
import { go, to } from '../../../state/router';
import { Button, Keys } from '../../../ui/button';
import { Check, Select, TextArea } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { Empty, Failure } from '../../../ui/pieces';
import { knowledge, type Line, type Message, type Playing, type Report } from '../golden/api';
import { Edit } from '../golden/edit';
import { History, said } from '../golden/history';
import { w } from '../golden/words';
import type { TabProps } from '../page';
import { Coming, ReportView, type Screen } from './report';

export function AskPage({ site, query }: TabProps) {
  const playing = useLoad(() => knowledge(site).asking(), [site]);
  return (
    <>
      <h2>{common('tab_ask')}</h2>
      <p class="lead">{w.t('ask_lead')}</p>
      <Show from={playing} rows={6}>
        {(p) => <Ask site={site} query={query} playing={p} />}
      </Show>
    </>
  );
}

/** What an address says was said before; nothing where somebody made it up. */
function historyOf(raw: string | null): Message[] {
  try {
    const list: unknown = JSON.parse(raw ?? '[]');
    if (!Array.isArray(list)) return [];
    return list
      .filter((m): m is Message => typeof m?.text === 'string' && ['shopper', 'bot', 'agent'].includes(m?.by))
      .map(({ by, text, outcome }) => ({ by, text, ...(outcome && { outcome }) }));
  } catch {
    return [];
  }
}

const nothing: Screen = { state: 'searching', text: '' };

/** What the screen shows after one more line. */
function after(s: Screen, l: Line): Screen {
  switch (l.type) {
    case 'status':
      return { ...s, state: l.state ?? s.state };
    case 'found':
      return { ...s, found: l.passages?.length ?? 0 };
    case 'delta':
      return { ...s, text: s.text.slice(0, l.offset ?? 0) + (l.text ?? '') };
    case 'retract':
      return { ...s, text: s.text.slice(0, l.from ?? 0) + (l.text ?? '') };
    default:
      return s;
  }
}

function Ask({ site, query, playing }: { site: string; query: URLSearchParams; playing: Playing }) {
  const { t } = w;
  const [question, setQuestion] = useState(query.get('q') ?? '');
  const [locale, setLocale] = useState(query.get('locale') || playing.locales[0]!);
  const [history, setHistory] = useState<Message[]>(() => historyOf(query.get('history')));
  const [signedIn, setSignedIn] = useState(query.get('signed_in') === '1');
  const [drafts] = useState(() => (query.get('drafts') ?? '').split(',').filter(Boolean));
  const [withDrafts, setWithDrafts] = useState(drafts.length > 0);
  const [model, setModel] = useState(playing.models.length > 0 && query.get('model') !== '0');
  const [screen, setScreen] = useState<Screen>();
  const [report, setReport] = useState<Report>();
  const [before, setBefore] = useState<Report>();
  const [error, setError] = useState('');
  const [saving, setSaving] = useState(false);
  const running = useRef<AbortController | undefined>(undefined);

  const result = useRef<HTMLDivElement>(null);

  const ask = async (show = true) => {
    const text = question.trim();
    if (!text) return;
    // Below a long form nobody sees that something comes.
    if (show && result.current && result.current.getBoundingClientRect().top > innerHeight * 0.7) result.current.scrollIntoView({ block: 'start' });
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    const messages = said(history);
    go(
      to.knowledge(site, 'ask', '', {
        q: text, locale, history: messages.length ? JSON.stringify(messages) : '', signed_in: signedIn ? '1' : '',
        drafts: withDrafts ? drafts.join(',') : '', model: playing.models.length && !model ? '0' : '',
      }),
      true,
    );
    setScreen(nothing);
    setError('');
    try {
      const got = await knowledge(site).ask(
        { question: text, locale, history: messages, signed_in: signedIn, drafts: withDrafts ? drafts : [], model },
        mine.signal,
        (line) => running.current === mine && setScreen((s) => after(s ?? nothing, line)),
      );
      if (running.current !== mine) return;
      setBefore(report?.question === got.question && report.locale === got.locale ? report : undefined);
      setReport(got);
      announce(t(`ended_${got.outcome as 'answered'}`));
    } catch (err) {
      if (running.current !== mine) return;
      if (!mine.signal.aborted) setError((err as Error).message);
    }
    setScreen(undefined);
  };
  const stop = () => {
    running.current?.abort();
    running.current = undefined;
    setScreen(undefined);
    announce(t('stopped'));
  };
  useEffect(() => {
    // A link shows its answer by itself where that costs nothing.
    if (question.trim() && playing.models.length === 0) void ask(false);
    return () => {
      running.current?.abort();
      running.current = undefined;
    };
  }, []);

  return (
    <div class="ask">
      <form
        class="card form ask-form"
        onSubmit={(e) => {
          e.preventDefault();
          void ask();
        }}
        onKeyDown={(e) => {
          if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
            e.preventDefault();
            void ask();
          }
          if (e.key === 'Escape' && screen) stop();
        }}
      >
        <TextArea label={t('question')} rows={3} maxLength={2000} autofocus placeholder={t('question_hint')} value={question} onInput={(e) => setQuestion(e.currentTarget.value)} />
        <Select label={t('language')} value={locale} onChange={(e) => setLocale(e.currentTarget.value)}>
          {(playing.locales.includes(locale) ? playing.locales : [locale, ...playing.locales]).map((l) => (
            <option key={l} value={l}>
              {languageName(l)}
            </option>
          ))}
        </Select>
        <History of={history} change={setHistory} />
        <fieldset class="checks">
          <legend>{t('ask_as')}</legend>
          <Check label={t('signed_in')} on={signedIn} change={setSignedIn} />
          {drafts.length > 0 && <Check label={w.plural('with_drafts', drafts.length)} on={withDrafts} change={setWithDrafts} />}
          {playing.models.length > 0 && <Check label={t('with_model', { name: playing.models[0]! })} on={model} change={setModel} />}
        </fieldset>
        {playing.models.length === 0 && <p class="hint">{t('no_model')}</p>}
        <div class="form-end">
          <span class="hint grow">
            <Keys keys="Ctrl Enter" />
          </span>
          {screen ? (
            <Button icon="close" onClick={stop}>
              {t('stop')}
            </Button>
          ) : null}
          <Button type="submit" look="primary" icon="send" disabled={!question.trim()}>
            {t('ask')}
          </Button>
        </div>
      </form>
      <div class="ask-result" ref={result} aria-busy={!!screen}>
        {error && <Failure text={error} retry={() => void ask()} />}
        {screen ? (
          <Coming screen={screen} />
        ) : report ? (
          <ReportView site={site} report={report} before={before} save={() => setSaving(true)} />
        ) : (
          !error && (
            <div class="card">
              <Empty icon="bot" title={t('ask_empty')}>
                <p>{t('ask_empty_hint')}</p>
              </Empty>
            </div>
          )
        )}
      </div>
      {saving && report && (
        <Edit
          site={site}
          locales={playing.locales}
          near={report.passages.map((p) => p.article)}
          of={{
            question: report.question, locale: report.locale, history: report.history, note: '', signed_in: report.signed_in,
            verdict: report.outcome === 'answered' ? 'answer' : report.outcome === 'escalated' ? 'person' : 'abstain',
            articles: report.passages.filter((p) => p.cited).map((p) => p.article).filter((a, i, all) => all.findIndex((x) => x.id === a.id) === i),
          }}
          close={() => setSaving(false)}
          done={() => undefined}
        />
      )}
    </div>
  );
}
