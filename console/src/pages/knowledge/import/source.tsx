/** A source: its address, how it is read, how often, and whether without asking. */
import { useState } from 'preact/hooks';
import { toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Field, Segments, Select, Switch } from '../../../ui/field';
import { importsOf, type Source, type SourceKind } from './api';
import { t } from './words';

type Often = '0' | '24' | '168' | 'hours';
const often = (hours: number): Often => (hours === 0 || hours === 24 || hours === 168 ? (String(hours) as Often) : 'hours');

export function EditSource({ site, source, close, done }: { site: string; source: Source | undefined; close: () => void; done: (run?: string) => void }) {
  const [kind, setKind] = useState<SourceKind>(source?.kind ?? 'sitemap');
  const [address, setAddress] = useState(source?.address ?? '');
  const [rhythm, setRhythm] = useState<Often>(often(source?.every_hours ?? 0));
  const [hours, setHours] = useState(String(source?.every_hours || 6));
  const [auto, setAuto] = useState(source?.auto ?? false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError('');
    const every_hours = rhythm === 'hours' ? Math.round(Number(hours)) : Number(rhythm);
    try {
      if (source) {
        await importsOf(site).changeSource(source.id, { every_hours, auto });
        toast(t('saved'));
        done();
      } else done((await importsOf(site).addSource({ kind, address: address.trim(), every_hours, auto })).run.id);
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={source ? source.address : t('add_source')} close={close}>
      <form
        class="form"
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        {!source && (
          <>
            <Segments
              label={t('how_read')}
              value={kind}
              options={[
                { value: 'sitemap', label: t('kind_sitemap') },
                { value: 'crawl', label: t('kind_crawl') },
                { value: 'page', label: t('kind_page') },
              ]}
              change={setKind}
            />
            <Field
              label={t('address')}
              type="url"
              required
              autofocus
              maxLength={2000}
              placeholder={kind === 'sitemap' ? 'https://shop.example/sitemap.xml' : 'https://shop.example/help/'}
              value={address}
              hint={t(`kind_${kind}_hint`)}
              error={error || undefined}
              onInput={(e) => setAddress(e.currentTarget.value)}
            />
          </>
        )}
        <Select label={t('how_often')} value={rhythm} onChange={(e) => setRhythm(e.currentTarget.value as Often)}>
          <option value="0">{t('by_hand')}</option>
          <option value="24">{t('daily')}</option>
          <option value="168">{t('weekly')}</option>
          <option value="hours">{t('every_n_hours')}</option>
        </Select>
        {rhythm === 'hours' && <Field label={t('hours')} type="number" min={1} max={2160} required value={hours} onInput={(e) => setHours(e.currentTarget.value)} />}
        <Switch label={t('auto')} hint={t('auto_hint')} on={auto} change={setAuto} />
        {source && error && <p class="wrong-text" role="alert">{error}</p>}
        <div class="form-end">
          <Button onClick={close}>{t('cancel')}</Button>
          <Button type="submit" look="primary" busy={busy}>
            {source ? t('save') : t('add_and_read')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
