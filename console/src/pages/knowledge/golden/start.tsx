/** What a replay is to ask, and what it may cost. */
import { useState } from 'preact/hooks';
import { go, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Check, Field, Select } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { Failure } from '../../../ui/pieces';
import { knowledge } from './api';
import { w } from './words';

const PAST = [0, 50, 200, 1000];

export function StartReplay({ site, goldens, close }: { site: string; goldens: number; close: () => void }) {
  const playing = useLoad(() => knowledge(site).asking(), [site]);
  return (
    <Dialog title={w.t('replay_now')} close={close}>
      <Show from={playing} rows={3}>
        {(p) => <Form site={site} goldens={goldens} models={p.models} close={close} />}
      </Show>
    </Dialog>
  );
}

function Form({ site, goldens, models, close }: { site: string; goldens: number; models: string[]; close: () => void }) {
  const { t } = w;
  const [golden, setGolden] = useState(goldens > 0);
  const [past, setPast] = useState(goldens > 0 ? 0 : 50);
  const [model, setModel] = useState(false);
  const [budget, setBudget] = useState('1');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const start = async () => {
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      const r = await knowledge(site).start({ golden, past, model, budget_micros: model ? Math.round(Number(budget) * 1e6) : 0 });
      close();
      go(to.knowledge(site, 'golden', r.id));
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  return (
    <form
      class="form"
      onSubmit={(e) => {
        e.preventDefault();
        void start();
      }}
    >
      <p class="hint">{t('replay_lead')}</p>
      <Check label={w.plural('all_golden', goldens)} on={golden} change={setGolden} />
      <Select label={t('past_questions')} hint={t('past_hint')} value={String(past)} onChange={(e) => setPast(Number(e.currentTarget.value))}>
        {PAST.map((n) => (
          <option key={n} value={n}>
            {n === 0 ? t('past_no') : t('past_newest', { n })}
          </option>
        ))}
      </Select>
      {models.length > 0 && <Check label={t('with_model', { name: models[0]! })} on={model} change={setModel} />}
      {model && <Field label={t('budget')} hint={t('budget_hint')} type="number" min="0.01" max="1000" step="0.01" required value={budget} onInput={(e) => setBudget(e.currentTarget.value)} />}
      {error && <Failure text={error} />}
      <div class="form-end">
        <Button onClick={close}>{t('cancel')}</Button>
        <Button type="submit" look="primary" busy={busy} disabled={!golden && past === 0}>
          {t('start')}
        </Button>
      </div>
    </form>
  );
}
