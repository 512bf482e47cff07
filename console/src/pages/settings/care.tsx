/** The care guide: what care means for this shop, and what agents may offer without asking. */
import { useState } from 'preact/hooks';
import { shop } from '../../api/client';
import type { CareGuide } from '../../api/types';
import { moment, t } from '../../i18n';
import { toast } from '../../state/toasts';
import { Button, IconButton } from '../../ui/button';
import { Segments, TextArea } from '../../ui/field';
import { Show, useLoad } from '../../ui/load';
import { Badge, Failure } from '../../ui/pieces';
import { Rich } from '../../ui/rich';

export function CarePage({ site }: { site: string }) {
  const guide = useLoad<CareGuide>(() => shop(site).careGuide(), [site]);
  return (
    <>
      <h2>{t('tab_care')}</h2>
      <p class="lead">{t('care_lead')}</p>
      <Show from={guide} rows={8}>
        {(x) => <Editor key={x.version} site={site} guide={x} done={() => void guide.again()} />}
      </Show>
      <Versions key={guide.data?.version ?? 0} site={site} restore={(v) => guide.set({ ...v, version: -v.version })} />
    </>
  );
}

function Editor({ site, guide, done }: { site: string; guide: CareGuide; done: () => void }) {
  const [markdown, setMarkdown] = useState(guide.markdown);
  const [offers, setOffers] = useState(guide.offers ?? []);
  const [side, setSide] = useState<'write' | 'preview'>('write');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const save = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    setError('');
    try {
      await shop(site).putCareGuide({ markdown, offers: offers.map((o) => o.trim()).filter(Boolean) });
      toast(t('care_saved'));
      done();
    } catch (err) {
      setError((err as Error).message);
    }
    setBusy(false);
  };
  return (
    <form class="form" onSubmit={save}>
      <section class="card form">
        <div class="page-head">
          <h3>
            {t('guide')} {guide.default && <Badge>{t('guide_default')}</Badge>}
          </h3>
          <Segments
            label={t('view')}
            value={side}
            options={[
              { value: 'write', label: t('write') },
              { value: 'preview', label: t('preview') },
            ]}
            change={setSide}
          />
        </div>
        {side === 'write' ? (
          <TextArea label={t('guide')} hideLabel hint={t('guide_hint')} rows={16} maxLength={20_000} value={markdown} onInput={(e) => setMarkdown(e.currentTarget.value)} />
        ) : (
          <div class="preview-box" tabIndex={0} role="region" aria-label={t('preview')}>
            <Rich text={markdown} />
          </div>
        )}
      </section>
      <section class="card">
        <h3>{t('offers')}</h3>
        <p class="hint">{t('offers_hint')}</p>
        <ul class="offers">
          {offers.map((o, i) => (
            <li key={i}>
              <input class="input grow" aria-label={t('offer_n', { n: i + 1 })} value={o} maxLength={200} onInput={(e) => setOffers(offers.map((x, k) => (k === i ? e.currentTarget.value : x)))} />
              <IconButton icon="close" size={14} label={t('remove_offer', { n: i + 1 })} onClick={() => setOffers(offers.filter((_, k) => k !== i))} />
            </li>
          ))}
        </ul>
        <Button small icon="plus" onClick={() => setOffers([...offers, ''])}>
          {t('add_offer')}
        </Button>
      </section>
      {error && <Failure text={error} />}
      <div class="form-end">
        <Button type="submit" look="primary" busy={busy}>
          {t('save_version')}
        </Button>
      </div>
    </form>
  );
}

function Versions({ site, restore }: { site: string; restore: (v: CareGuide) => void }) {
  const got = useLoad(() => shop(site).careGuideVersions(), [site]);
  return (
    <section class="card">
      <h3>{t('versions')}</h3>
      <Show from={got} rows={2}>
        {(x) =>
          (x.items ?? []).length ? (
            <ul class="rows">
              {x.items.map((v) => (
                <li key={v.version}>
                  <div class="grow">
                    <strong>{t('version_n', { n: v.version })}</strong>
                    <p class="hint">
                      {v.by} · {moment(v.at)}
                    </p>
                  </div>
                  <Button
                    small
                    icon="reopen"
                    onClick={() => {
                      restore(v);
                      toast(t('version_taken', { n: v.version }));
                    }}
                  >
                    {t('take_up')}
                  </Button>
                </li>
              ))}
            </ul>
          ) : (
            <p class="hint">{t('no_versions')}</p>
          )
        }
      </Show>
    </section>
  );
}
