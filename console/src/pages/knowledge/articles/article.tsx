/** One article: its text on the one side, and what belongs to it on the other. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { people, shop } from '../../../api/client';
import { ApiError } from '../../../api/call';
import type { Agent } from '../../../api/types';
import { realClock } from '../../../live/connection';
import { follow, go, to } from '../../../state/router';
import { me, standing as session } from '../../../state/session';
import { shelf } from '../../../state/shelf';
import { announce, toast } from '../../../state/toasts';
import { wide } from '../../../state/view';
import { Segments } from '../../../ui/field';
import { lazy } from '../../../ui/lazy';
import { useLoad } from '../../../ui/load';
import { Empty, Failure, Skeleton } from '../../../ui/pieces';
import { ProofPanel } from '../gaps/proof';
import { articles, LONGEST } from './api';
import { Compare } from './compare';
import { Details } from './details';
import { Head } from './head';
import { Manuscript } from './manuscript';
import type { MarkdownFieldProps } from './markdown-field';
import { Meanwhile } from './meanwhile';
import { Notices, type Taken } from './notices';
import { PreviewPane, usePreview } from './preview';
import { content, type Article, type Content } from './types';
import { Versions } from './versions';
import { t } from './words';

const MarkdownField = lazy<MarkdownFieldProps>(async () => (await import('./markdown-field')).MarkdownField);

const PANELS = ['write', 'preview', 'details', 'versions', 'proof'] as const;
type Panel = (typeof PANELS)[number];
const LOOK_EVERY = 60_000; // milliseconds between looks whether somebody else saved

export function ArticlePage({ site, id, query }: { site: string; id: string; query: URLSearchParams }) {
  const [article, setArticle] = useState<Article>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    setError(undefined);
    articles(site)
      .open(id)
      .then(
        (a) => wanted && setArticle(a),
        (err: ApiError) => wanted && setError(err),
      );
    return () => void (wanted = false);
  }, [round]);
  if (error?.status === 404)
    return (
      <Empty icon="search" title={t('unknown_article')}>
        <p>{t('unknown_article_hint')}</p>
        <a class="button" href={to.knowledge(site, 'articles')} onClick={follow}>
          {t('to_list')}
        </a>
      </Empty>
    );
  if (error) return <Failure text={error.message} retry={() => setRound(round + 1)} />;
  if (!article) return <Skeleton rows={8} />;
  return <Editor site={site} first={article} query={query} />;
}

/** What the parts of an article's page share. */
export interface Desk {
  site: string;
  article: Article;
  manuscript: Manuscript;
  agents: readonly Agent[];
  /** The shop's time zone; of the browser until it is known. */
  zone: string;
  /** The server did something to the article: this is what it is now. */
  adopt: (a: Article) => void;
  /** Only what is beside the text was changed. */
  update: (a: Article) => void;
  address: (query: Record<string, string>) => string;
}

function Editor({ site, first, query }: { site: string; first: Article; query: URLSearchParams }) {
  const id = first.id;
  const [article, setArticle] = useState(first);
  const [taken, setTaken] = useState<Taken>();
  const [comparing, setComparing] = useState(true);
  const [fresh] = useState(first.state === 'draft' && first.draft.markdown === '');
  const manuscript = useMemo(
    () =>
      new Manuscript(first.draft, {
        clock: realClock,
        shelf,
        key: `article:${me.peek()?.id}:${id}`,
        save: (base, c) => articles(site).save(id, base, c),
        wrong: (c, base) => (c.markdown.length > LONGEST && c.markdown.length > base.markdown.length ? t('too_long', { n: c.markdown.length, most: LONGEST }) : ''),
      }),
    [],
  );
  const agents = useLoad(() => people.agents(), [site]);
  const settings = useLoad(() => shop(site).settings(), [site]);
  const now = manuscript.content.value;
  const state = manuscript.standing.value;
  const preview = usePreview(site, now.title, now.markdown);
  const gap = query.get('gap') ?? '';

  const desk: Desk = {
    site,
    article,
    manuscript,
    agents: (agents.data?.agents ?? []) as Agent[],
    zone: settings.data?.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone,
    adopt: (a) => {
      setArticle(a);
      setTaken(undefined);
      if (manuscript.unsaved) manuscript.hear(a.draft, manuscript.turn);
      else manuscript.begin(a.draft);
    },
    update: setArticle,
    address: (more) => to.knowledge(site, 'articles', id, { gap, ...more }),
  };

  useWatch(site, id, manuscript, (a, before) => {
    setArticle(a);
    if (!before) return;
    setTaken({ by: a.draft.revision ? a.draft.by : a.updated_by, before });
    announce(t('taken', { name: a.draft.by || a.updated_by }));
  });
  // Who saved meanwhile is shown at once; who closes that goes on writing, and is reminded.
  useSignalEffect(() => {
    if (manuscript.standing.value.name === 'met') setComparing(true);
  });
  // A draft's first saving changes the state, and its time goes with the draft.
  const base = manuscript.base.value;
  const state2 = article.state === 'published' && base.revision > 0 ? 'changed' : article.state;

  const panels = PANELS.filter((p) => (p !== 'write' || !wide.value) && (p !== 'proof' || gap));
  const asked = panels.find((p) => p === query.get('panel'));
  const panel: Panel = asked ?? (gap && wide.value ? 'proof' : wide.value ? 'preview' : 'write');
  const show = (p: Panel) => go(desk.address({ panel: p }), true);
  const warnings = preview.got?.warnings?.length ?? 0;

  return (
    <div class="article fill">
      <h2 class="unseen">{now.title || t('untitled')}</h2>
      <Head desk={desk} state={state2} gap={gap} compare={() => setComparing(true)} />
      <Notices desk={desk} taken={taken} dismiss={() => setTaken(undefined)} compare={() => setComparing(true)} />
      <input
        class="article-name"
        aria-label={t('title')}
        placeholder={t('untitled')}
        maxLength={200}
        value={now.title}
        onInput={(e) => manuscript.type({ title: e.currentTarget.value })}
      />
      <div class={`article-sides showing-${panel}`}>
        <section class="article-write" aria-label={t('text')} hidden={!wide.value && panel !== 'write'}>
          <MarkdownField text={now.markdown} round={manuscript.rounds.value} language={now.locale} change={(markdown) => manuscript.type({ markdown })} focus={fresh} />
        </section>
        <section class="article-beside">
          <Segments
            label={t('beside')}
            value={panel}
            options={panels.map((p) => ({ value: p, label: p === 'preview' && warnings ? t('panel_preview_n', { n: warnings }) : t(`panel_${p}`) }))}
            change={show}
          />
          {panel === 'preview' && <PreviewPane title={now.title} preview={preview} />}
          {panel === 'details' && <Details desk={desk} />}
          {panel === 'versions' && <Versions desk={desk} />}
          {panel === 'proof' && <ProofPanel site={site} gap={gap} article={id} revision={base.revision} />}
        </section>
      </div>
      {query.get('to') && <Compare desk={desk} from={query.get('from') ?? ''} to={query.get('to') ?? ''} close={() => go(desk.address({ panel }), true)} />}
      {state.name === 'met' && comparing && <Meanwhile desk={desk} theirs={state.theirs} close={() => setComparing(false)} />}
    </div>
  );
}

/**
 * Looks whether somebody else saved, whenever the page is come back to and once a minute; saves when
 * the network or the person is back, and when the page is left; and warns before what is not saved is closed.
 */
function useWatch(site: string, id: string, m: Manuscript, heard: (a: Article, before: Content | undefined) => void): void {
  const tell = useRef(heard);
  tell.current = heard;
  useEffect(() => {
    let wanted = true;
    let looking = false;
    const look = async () => {
      if (looking || document.visibilityState !== 'visible') return;
      looking = true;
      const [turn, before] = [m.turn, content(m.base.value)];
      try {
        const a = await articles(site).open(id);
        if (wanted && turn === m.turn) tell.current(a, m.hear(a.draft, turn) === 'taken' ? before : undefined);
      } catch {
        // The next look may see more; what is typed says for itself whether it can be saved.
      }
      looking = false;
    };
    const wake = () => (m.wake(), void look());
    const leaving = (e: BeforeUnloadEvent) => {
      if (m.unsaved) e.preventDefault();
    };
    const timer = setInterval(() => void look(), LOOK_EVERY);
    addEventListener('online', wake);
    addEventListener('focus', wake);
    document.addEventListener('visibilitychange', wake);
    addEventListener('beforeunload', leaving);
    const signed = session.subscribe((s) => s === 'in' && m.wake());
    return () => {
      wanted = false;
      clearInterval(timer);
      removeEventListener('online', wake);
      removeEventListener('focus', wake);
      document.removeEventListener('visibilitychange', wake);
      removeEventListener('beforeunload', leaving);
      signed();
      void m.close().then((saved) => !saved && toast(t('kept_here'), 'bad'));
    };
  }, []);
}
