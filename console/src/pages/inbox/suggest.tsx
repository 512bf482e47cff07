/** The list over the composer: macros, articles or colleagues that fit what is being typed. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../i18n';
import type { ArticleHit, Macro } from '../../api/types';
import type { Desk } from '../../state/desk';
import { Avatar } from '../../ui/pieces';
import { Icon } from '../../ui/icon';
import type { Trigger } from './trigger';

export type Choice =
  | { kind: 'macro'; id: string; macro: Macro }
  | { kind: 'article'; id: string; article: ArticleHit }
  | { kind: 'mention'; id: string; name: string };

const MOST = 7;
const PAUSE = 150;

export interface Suggesting {
  choices: Choice[];
  state: 'none' | 'asking' | 'ready';
}

/** Asks for what fits; what was asked before is not asked again for a moment. */
export function useChoices(desk: Desk, trigger: Trigger | null): Suggesting {
  const [got, setGot] = useState<Suggesting>({ choices: [], state: 'none' });
  const kind = trigger?.kind ?? '';
  const query = trigger?.query.trim() ?? '';
  useEffect(() => {
    if (!kind) {
      setGot({ choices: [], state: 'none' });
      return;
    }
    if (kind === 'mention') {
      const q = query.toLowerCase();
      const fit = desk.people.value.agents.filter((a) => a.name.toLowerCase().includes(q)).slice(0, MOST);
      setGot({ choices: fit.map((a) => ({ kind: 'mention', id: a.id, name: a.name })), state: 'ready' });
      return;
    }
    if (kind === 'article' && query.length < 2) {
      setGot({ choices: [], state: 'ready' });
      return;
    }
    let gone = false;
    setGot((g) => ({ ...g, state: 'asking' }));
    const timer = setTimeout(
      async () => {
        const choices: Choice[] =
          kind === 'macro'
            ? ((await desk.api.macros(query)).items ?? []).slice(0, MOST).map((macro) => ({ kind: 'macro', id: macro.id, macro }))
            : ((await desk.api.articles(query)).articles ?? []).slice(0, MOST).map((article) => ({ kind: 'article', id: article.id, article }));
        if (!gone) setGot({ choices, state: 'ready' });
      },
      query ? PAUSE : 0,
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [desk, kind, query]);
  return got;
}

export function SuggestList({ id, of, at, trigger, choose, hover }: { id: string; of: Suggesting; at: number; trigger: Trigger; choose: (c: Choice) => void; hover: (n: number) => void }) {
  const empty = of.choices.length === 0;
  const title = t(trigger.kind === 'macro' ? 'macros' : trigger.kind === 'article' ? 'articles' : 'people');
  return (
    <div class="suggest">
      <p class="suggest-head">
        {title}
        <span class="hint">{t(trigger.kind === 'article' ? 'suggest_keys_arrow' : 'suggest_keys')}</span>
      </p>
      {empty && <p class="suggest-none">{t(of.state === 'asking' ? 'loading' : trigger.kind === 'article' && trigger.query.trim().length < 2 ? 'type_to_search' : 'nothing_found')}</p>}
      <div id={id} role="listbox" aria-label={title}>
        {of.choices.map((c, i) => (
          <div
            key={c.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            class="suggest-entry"
            onPointerMove={() => hover(i)}
            onPointerDown={(e) => {
              e.preventDefault(); // the focus stays in the field
              choose(c);
            }}
          >
            {c.kind === 'mention' ? <Avatar name={c.name} size={24} /> : <Icon name={c.kind === 'macro' ? 'macro' : 'book'} />}
            <span class="suggest-words">
              <strong>
                {c.kind === 'macro' ? c.macro.name : c.kind === 'article' ? c.article.title : c.name}
                {c.kind === 'article' && c.article.internal && <span class="hint"> {t('internal_article')}</span>}
              </strong>
              {c.kind !== 'mention' && <span>{c.kind === 'macro' ? c.macro.text : c.article.quote}</span>}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
