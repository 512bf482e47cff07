/** One gap: what shoppers asked, what agents replied, what is nearly there, and the way to close it. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { date, moment, number } from '../../../i18n';
import { follow, go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button, IconButton } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { useLoad } from '../../../ui/load';
import { Menu, type MenuItem } from '../../../ui/menu';
import { Empty, Failure, Skeleton } from '../../../ui/pieces';
import type { ApiError } from '../../../api/call';
import { gapsOf } from './api';
import { dismiss, listOf, Reasons, reopen } from './list';
import { NearList } from './near';
import { noted } from './noted';
import { MergeDialog } from './pick';
import { Questions } from './questions';
import { Trend } from './trend';
import type { Near } from '../articles/types';
import type { Evidence, Gap, Reply } from './types';
import { plural, t } from './words';

export function GapPage({ site, id }: { site: string; id: string }) {
  const [gone, setGone] = useState(false);
  const got = useLoad(async () => {
    try {
      return await gapsOf(site).get(id);
    } catch (err) {
      if ((err as ApiError).status === 404) setGone(true);
      throw err;
    }
  }, [site, id]);
  const back = (
    <a class="page-back" href={listOf(site)} onClick={follow}>
      <Icon name="back" size={14} />
      {t('gaps')}
    </a>
  );
  if (gone)
    return (
      <>
        {back}
        <Empty icon="search" title={t('unknown_gap')}>
          <p>{t('unknown_gap_hint')}</p>
        </Empty>
      </>
    );
  if (got.error && !got.data)
    return (
      <>
        {back}
        <Failure text={got.error} retry={() => void got.again()} />
      </>
    );
  return (
    <>
      {back}
      {got.data ? <Whole site={site} data={got.data} set={(gap) => got.set({ ...got.data!, gap })} again={got.again} /> : <Skeleton rows={7} />}
    </>
  );
}

function Whole({ site, data, set, again }: { site: string; data: Evidence; set: (gap: Gap) => void; again: () => Promise<void> }) {
  const { gap } = data;
  return (
    <>
      <Head site={site} gap={gap} set={set} again={again} />
      <Standing site={site} data={data} again={again} />
      <div class="beside">
        <Questions site={site} gap={gap} first={data.questions ?? []} moved={again} />
        <div>
          <Replies site={site} replies={data.replies ?? []} />
          <NearArticles site={site} near={data.near ?? []} />
        </div>
      </div>
    </>
  );
}

function Head({ site, gap, set, again }: { site: string; gap: Gap; set: (gap: Gap) => void; again: () => Promise<void> }) {
  const [merging, setMerging] = useState(false);
  const leave = () => go(listOf(site));
  const items: MenuItem[] = [{ label: t('merge'), icon: 'transfer', hint: t('merge_hint'), run: () => setMerging(true) }];
  if (gap.state === 'open' || gap.state === 'drafted') items.push({ label: t('dismiss'), icon: 'close', hint: t('dismiss_hint'), run: () => void dismiss(site, gap, leave) });
  else items.push({ label: t('reopen'), icon: 'reopen', run: () => void reopen(site, gap, again) });
  return (
    <>
      <div class="page-head gap-head">
        <Title site={site} gap={gap} set={set} />
        <div class="page-tools">
          <MainAction site={site} gap={gap} again={again} />
          <Menu label={t('more')} look="button" items={items}>
            <Icon name="more" />
          </Menu>
        </div>
      </div>
      <div class="gap-facts">
        <p>
          <strong>{plural('shoppers_n', gap.shoppers)}</strong>, {plural('questions_n', gap.questions)}, {t('in_last_week', { n: gap.last_week })}
          <span class="hint">{t('first_and_last', { first: date(gap.first_at), last: moment(gap.last_at) })}</span>
        </p>
        <Trend days={gap.trend} />
        <Reasons gap={{ ...gap, article: null }} />
      </div>
      {merging && <MergeDialog site={site} gap={gap} close={() => setMerging(false)} />}
    </>
  );
}

/** The next step towards the gap being closed. */
function MainAction({ site, gap, again }: { site: string; gap: Gap; again: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  if (gap.article)
    return (
      <a class={`button ${gap.state === 'drafted' || gap.state === 'open' ? 'primary' : 'plain'}`} href={to.knowledge(site, 'articles', gap.article.id, { gap: gap.id })} onClick={follow}>
        <Icon name="edit" />
        {t(gap.reopened ? 'improve_article' : gap.state === 'drafted' || gap.state === 'open' ? 'go_on_writing' : 'open_article')}
      </a>
    );
  if (gap.state === 'dismissed')
    return (
      <Button icon="reopen" onClick={() => void reopen(site, gap, again)}>
        {t('reopen')}
      </Button>
    );
  const draft = async () => {
    setBusy(true);
    try {
      const got = await gapsOf(site).draft(gap.id);
      if (!got.existed) {
        const redacted = got.redacted > 0 ? ` ${plural('redacted', got.redacted)}` : '';
        toast(t(got.model ? 'drafted_by_model' : got.replies > 0 ? 'drafted_of_replies' : 'drafted_of_questions') + redacted);
        noted.set(got.article_id, got.flags ?? []);
      }
      go(to.knowledge(site, 'articles', got.article_id, { gap: gap.id }));
    } catch (err) {
      failed(err);
      setBusy(false);
    }
  };
  return (
    <Button look="primary" icon="draft" busy={busy} onClick={() => void draft()}>
      {t(busy ? 'drafting' : 'draft_article')}
    </Button>
  );
}

function Title({ site, gap, set }: { site: string; gap: Gap; set: (gap: Gap) => void }) {
  const [value, setValue] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLDivElement>(null);
  const editing = value !== undefined;
  // Before the next key comes.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [editing]);
  const leave = () => {
    setValue(undefined);
    requestAnimationFrame(() => button.current?.querySelector('button')?.focus());
  };
  const save = async (e: Event) => {
    e.preventDefault();
    const title = (value ?? '').trim();
    if (!title || title === gap.title) return leave();
    try {
      set((await gapsOf(site).rename(gap.id, title)).gap);
      toast(t('renamed'));
      leave();
    } catch (err) {
      failed(err);
    }
  };
  if (!editing)
    return (
      <div class="gap-title" ref={button}>
        <h2>{gap.title}</h2>
        <IconButton icon="edit" size={15} label={t('rename')} onClick={() => setValue(gap.title)} />
      </div>
    );
  return (
    <form class="gap-title" onSubmit={save}>
      <h2 class="unseen">{gap.title}</h2>
      <input
        ref={field}
        class="input"
        aria-label={t('title')}
        value={value}
        maxLength={200}
        required
        onInput={(e) => setValue(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Escape') return;
          e.stopPropagation();
          leave();
        }}
      />
      <Button type="submit" look="primary">
        {t('save')}
      </Button>
      <Button onClick={leave}>{t('cancel')}</Button>
    </form>
  );
}

/** How far the gap is on its way to being closed, where something was done about it. */
function Standing({ site, data, again }: { site: string; data: Evidence; again: () => Promise<void> }) {
  const { gap } = data;
  if (gap.state === 'dismissed')
    return (
      <div class="standing">
        <Icon name="info" size={18} />
        <p class="grow">{t('is_dismissed')}</p>
        <Button small icon="reopen" onClick={() => void reopen(site, gap, again)}>
          {t('reopen')}
        </Button>
      </div>
    );
  if (gap.state === 'drafted')
    return (
      <div class="standing">
        <Icon name="file" size={18} />
        <p class="grow">
          {t('is_drafted')} <strong>{gap.article?.title}</strong>
        </p>
      </div>
    );
  if (gap.reopened)
    return (
      <div class="standing warn">
        <Icon name="warning" size={18} />
        <div class="grow">
          <p>
            <strong>{t('is_reopened')}</strong> {gap.article && t('by_article', { name: gap.article.title })}
          </p>
          {gap.since && <p>{t('since', { when: date(gap.since.at), asked: number(gap.since.asked), answered: number(gap.since.answered) })}</p>}
        </div>
      </div>
    );
  if (gap.state !== 'closed') return null;
  const since = gap.since;
  const q = data.questions?.[0]?.text ?? gap.title;
  return (
    <div class="standing good">
      <Icon name="resolve" size={20} />
      <div class="grow">
        <p>
          <strong>{t('is_closed')}</strong> {gap.article && t('by_article', { name: gap.article.title })}
        </p>
        {since && (
          <p>
            {since.asked === 0
              ? t('since_none', { when: date(since.at) })
              : t('since', { when: date(since.at), asked: number(since.asked), answered: number(since.answered) })}
          </p>
        )}
      </div>
      <a class="button small" href={to.knowledge(site, 'ask', '', { q })} onClick={follow}>
        <Icon name="bot" />
        {t('ask_it')}
      </a>
    </div>
  );
}

function Replies({ site, replies }: { site: string; replies: Reply[] }) {
  return (
    <section class="card">
      <h3>{t('replies')}</h3>
      {replies.length === 0 ? (
        <p class="hint">{t('no_replies')}</p>
      ) : (
        <ul class="replies">
          {replies.map((r) => (
            <li key={`${r.conversation_id}-${r.seq}`}>
              <blockquote dir="auto">{r.text}</blockquote>
              <p class="hint">
                {r.by}, <time dateTime={r.at}>{moment(r.at)}</time>{' '}
                <a href={to.inbox(site, 'all', r.conversation_id, undefined, r.seq)} onClick={follow} aria-label={t('conversation_of', { name: r.by, when: moment(r.at) })}>
                  {t('conversation')}
                </a>
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function NearArticles({ site, near }: { site: string; near: Near[] }) {
  return (
    <section class="card">
      <h3>{t('near')}</h3>
      <p class="hint">{t(near.length ? 'near_hint' : 'no_near')}</p>
      {near.length > 0 && <NearList site={site} near={near} />}
    </section>
  );
}
