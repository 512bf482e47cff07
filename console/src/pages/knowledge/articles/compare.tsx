/** Any two texts of an article beside each other: versions, the draft, and what was put aside. */
import { date } from '../../../i18n';
import { go } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Select } from '../../../ui/field';
import { Show, useLoad } from '../../../ui/load';
import { articles } from './api';
import type { Desk } from './article';
import { Changes } from './changes';
import type { Content } from './types';
import { putBack } from './versions';
import { t } from './words';

export function Compare({ desk, from, to, close }: { desk: Desk; from: string; to: string; close: () => void }) {
  const { site, article: a, manuscript: m } = desk;
  const list = useLoad(() => articles(site).versions(a.id), [site, a.id, a.version]);
  const versions = list.data?.items ?? [];
  const first = from || String(versions[1]?.version ?? versions[0]?.version ?? 'draft');
  const text = async (which: string): Promise<Partial<Content>> => {
    if (which === 'draft') return m.content.peek();
    if (which.startsWith('aside-')) return m.asides.peek()[Number(which.slice(6))]?.content ?? {};
    const { title, markdown, tags, url } = await articles(site).version(a.id, Number(which));
    return { title, markdown, tags: tags ?? [], url };
  };
  const both = useLoad(() => Promise.all([text(first), text(to)]), [first, to]);
  const choose = (f: string, x: string) => go(desk.address({ panel: 'versions', from: f, to: x }), true);
  const options = (
    <>
      <option value="draft">{t('the_draft')}</option>
      {m.asides.value.map((x, i) => (
        <option key={`aside-${i}`} value={`aside-${i}`}>
          {t('text_of', { name: x.by })}
        </option>
      ))}
      {versions.map((v) => (
        <option key={v.version} value={String(v.version)}>
          {t('version_of', { n: v.version, date: date(v.at) })}
        </option>
      ))}
    </>
  );
  const old = Number(to);
  return (
    <Dialog title={t('compare_title')} close={close} wide>
      <div class="compare-which">
        <Select label={t('before')} value={first} onChange={(e) => choose(e.currentTarget.value, to)}>
          {options}
        </Select>
        <Select label={t('after')} value={to} onChange={(e) => choose(first, e.currentTarget.value)}>
          {options}
        </Select>
      </div>
      <Show from={both} rows={6}>
        {([x, y]) => <Changes before={x} after={y} />}
      </Show>
      <div class="form-end">
        {old > 0 && old !== a.version && (
          <Button
            icon="reopen"
            onClick={() => {
              close();
              void putBack(desk, old);
            }}
          >
            {t('put_back_n', { n: old })}
          </Button>
        )}
        <Button look="primary" onClick={close}>
          {t('close')}
        </Button>
      </div>
    </Dialog>
  );
}
