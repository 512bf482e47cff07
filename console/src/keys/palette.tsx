/** The palette: every action and the conversations at hand, found by a few letters. */
import fuzzysort from 'fuzzysort';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../api/types';
import { t } from '../i18n';
import { rowOf } from '../live/wire';
import { desk } from '../state/desk';
import { focusComposer, over } from '../state/view';
import { shopperName } from '../pages/inbox/words';
import { Keys } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Icon, type IconName } from '../ui/icon';
import { actions } from './actions';

interface Entry {
  id: string;
  label: string;
  more: string;
  icon: IconName;
  key?: string | undefined;
  group: 'action' | 'conversation';
  run: () => void;
}

const MOST = 12;

function conversation(r: Row): Entry {
  return {
    id: `c-${r.id}`,
    label: shopperName(r),
    more: r.last_text,
    icon: 'inbox',
    group: 'conversation',
    run: () => {
      desk.value?.goTo(r.id);
      focusComposer();
    },
  };
}

export function Palette() {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [found, setFound] = useState<Row[]>([]);
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(() => actions().map((a): Entry => ({ id: a.id, label: a.label, more: '', icon: a.icon, key: a.key, group: 'action', run: a.run })), []);
  const near = (desk.value?.inbox.list.value.rows ?? []).slice(0, 200);

  // Conversations that are not loaded are asked for, once the typing pauses.
  useEffect(() => {
    const d = desk.value;
    setFound([]);
    if (!d || query.trim().length < 3) return;
    let gone = false;
    const timer = setTimeout(async () => {
      try {
        const got = await d.api.list({ view: 'all', q: query.trim(), limit: 6 });
        if (!gone) setFound((got.items ?? []).map(rowOf).filter((r): r is Row => r !== undefined));
      } catch {
        // The palette shows what is at hand.
      }
    }, 250);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [query]);

  const entries = useMemo(() => {
    if (!query.trim()) return [...all.slice(0, MOST), ...near.slice(0, 5).map(conversation)];
    const hits = fuzzysort.go(query, [...all, ...near.map(conversation)], { keys: ['label', 'more'], limit: MOST, threshold: 0.3 }).map((h) => h.obj);
    const have = new Set(hits.map((h) => h.id));
    return [...hits, ...found.map(conversation).filter((e) => !have.has(e.id))];
  }, [query, found, all, near.length]);

  const current = entries[Math.min(at, entries.length - 1)];
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current?.id]);

  const run = (e: Entry) => {
    over.value = '';
    // The dialog gives the focus back first; what runs may move it again.
    setTimeout(e.run, 0);
  };

  return (
    <Dialog title={t('palette')} close={() => (over.value = '')} bare>
      <div class="palette">
        <div class="palette-field">
          <Icon name="search" size={18} />
          <input
            autofocus
            role="combobox"
            aria-label={t('palette')}
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={current ? `p-${current.id}` : undefined}
            aria-autocomplete="list"
            placeholder={t('palette_hint')}
            value={query}
            spellcheck={false}
            onInput={(e) => {
              setQuery(e.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={(e) => {
              const n = entries.length;
              if (e.key === 'ArrowDown') setAt((Math.min(at, n - 1) + 1) % n);
              else if (e.key === 'ArrowUp') setAt((Math.min(at, n - 1) + n - 1) % n);
              else if (e.key === 'Enter' && current) run(current);
              else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') over.value = '';
              else return;
              e.preventDefault();
            }}
          />
        </div>
        <div class="palette-list" id="palette-list" role="listbox" aria-label={t('palette')} ref={list} tabIndex={-1}>
          {entries.map((e) => (
            <div
              key={e.id}
              id={`p-${e.id}`}
              role="option"
              aria-selected={e.id === current?.id}
              class="palette-entry"
              onPointerMove={() => setAt(entries.indexOf(e))}
              onClick={() => run(e)}
            >
              <Icon name={e.icon} />
              <span class="palette-label">{e.label}</span>
              {e.more && <span class="palette-more">{e.more}</span>}
              {e.key && <Keys keys={e.key} />}
            </div>
          ))}
        </div>
        {entries.length === 0 && <p class="palette-none">{t('nothing_found')}</p>}
      </div>
    </Dialog>
  );
}
