/** Another gap is looked for: to merge into, or to move questions to. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Field } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { gapsOf } from './api';
import type { Gap } from './types';
import { plural, t } from './words';

const SHOWN = 8;
const PAUSE_MS = 250;

function Pick({ site, not, label, chosen, choose }: { site: string; not: string; label: string; chosen: Gap | undefined; choose: (g: Gap) => void }) {
  const [typed, setTyped] = useState('');
  const [q, setQ] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const got = useLoad(() => gapsOf(site).list({ q, limit: SHOWN + 1 }), [site, q]);
  return (
    <>
      <Field label={t('find_gap')} type="search" value={typed} autofocus onInput={(e) => setTyped(e.currentTarget.value)} />
      <Show from={got} rows={3}>
        {(x) => {
          const found = (x.items ?? []).filter((g) => g.id !== not).slice(0, SHOWN);
          if (!found.length) return <p class="hint">{t('no_other_gap')}</p>;
          return (
            <fieldset class="picks">
              <legend class="unseen">{label}</legend>
              {found.map((g) => (
                <label key={g.id} class="check">
                  <input type="radio" name="gap" checked={chosen?.id === g.id} onChange={() => choose(g)} />
                  <span class="grow">
                    {g.title}
                    <span class="hint">
                      {plural('questions_n', g.questions)}, {t(`state_${g.state}`)}
                    </span>
                  </span>
                </label>
              ))}
            </fieldset>
          );
        }}
      </Show>
    </>
  );
}

function PickDialog({ title, hint, act, close, run, children }: { title: string; hint: string; act: string; close: () => void; run: (() => void) | undefined; children: ComponentChildren }) {
  return (
    <Dialog title={title} close={close}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          run?.();
        }}
      >
        <p class="hint">{hint}</p>
        {children}
        <div class="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" disabled={!run}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function MergeDialog({ site, gap, close }: { site: string; gap: Gap; close: () => void }) {
  const [into, setInto] = useState<Gap>();
  const merge = async (other: Gap) => {
    close();
    try {
      await gapsOf(site).merge(gap.id, other.id);
      toast(t('merged', { name: other.title }));
      go(to.knowledge(site, 'gaps', other.id), true);
    } catch (err) {
      failed(err);
    }
  };
  return (
    <PickDialog title={t('merge_title')} hint={t('merge_explained', { name: gap.title })} act={t('merge_do')} close={close} run={into && (() => void merge(into))}>
      <Pick site={site} not={gap.id} label={t('merge_title')} chosen={into} choose={setInto} />
    </PickDialog>
  );
}

export function MoveDialog({ site, gap, n, close, move }: { site: string; gap: Gap; n: number; close: () => void; move: (into: string) => void }) {
  const [into, setInto] = useState<Gap>();
  return (
    <PickDialog title={plural('move_title', n)} hint={t('move_explained')} act={t('move_do')} close={close} run={into && (() => move(into.id))}>
      <Pick site={site} not={gap.id} label={t('move_to')} chosen={into} choose={setInto} />
    </PickDialog>
  );
}
