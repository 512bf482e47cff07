/** What was published before: who, when, what for; compared, and put back with one click. */
import { moment } from '../../../i18n';
import { go } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { Button } from '../../../ui/button';
import { Show, useLoad } from '../../../ui/load';
import { Badge } from '../../../ui/pieces';
import { articles } from './api';
import type { Desk } from './article';
import type { Aside } from './manuscript';
import { t } from './words';

export function Versions({ desk }: { desk: Desk }) {
  const { site, article: a, manuscript: m } = desk;
  const list = useLoad(() => articles(site).versions(a.id), [site, a.id, a.version, a.state]);
  const compare = (from: string, to: string) => go(desk.address({ panel: 'versions', from, to }), true);
  return (
    <div class="versions" role="region" aria-label={t('panel_versions')} tabIndex={0}>
      <Show from={list} rows={4}>
        {({ items }) =>
          items?.length ? (
            <ol class="rows version-list">
              {(m.base.value.revision > 0 || m.unsaved) && (
                <li>
                  <div class="grow">
                    <strong>{t('the_draft')}</strong> <Badge tone="accent">{t('not_published')}</Badge>
                  </div>
                  <Button small onClick={() => compare(String(a.version || items[0]!.version), 'draft')}>
                    {t('show_changes')}
                  </Button>
                </li>
              )}
              {items.map((v, i) => (
                <li key={v.version}>
                  <div class="grow">
                    <strong>{t('version_n', { n: v.version })}</strong> {v.published && <Badge tone="good">{t('live')}</Badge>}
                    <p class="hint">{t('by_at', { name: v.by || t('an_import'), when: moment(v.at) })}</p>
                    {v.note && <p class="version-note">{v.note}</p>}
                  </div>
                  {items[i + 1] && (
                    <Button small look="ghost" aria-label={t('changes_in', { n: v.version })} onClick={() => compare(String(items[i + 1]!.version), String(v.version))}>
                      {t('show_changes')}
                    </Button>
                  )}
                  {!v.published && (
                    <Button small icon="reopen" aria-label={t('put_back_n', { n: v.version })} onClick={() => void putBack(desk, v.version)}>
                      {t('put_back')}
                    </Button>
                  )}
                </li>
              ))}
            </ol>
          ) : (
            <p class="hint">{t('no_versions')}</p>
          )
        }
      </Show>
      {m.asides.value.length > 0 && (
        <section class="asides">
          <h3>{t('asides')}</h3>
          <p class="hint">{t('asides_hint')}</p>
          <ul class="rows">
            {m.asides.value.map((x, i) => (
              <li key={x.at + x.by}>
                <div class="grow">
                  <strong>{t('text_of', { name: x.by })}</strong>
                  <p class="hint">{moment(new Date(x.at).toISOString())}</p>
                </div>
                <Button small look="ghost" onClick={() => compare('draft', `aside-${i}`)}>
                  {t('show_changes')}
                </Button>
                <Button small icon="reopen" onClick={() => bringBack(desk, x)}>
                  {t('bring_back')}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** Puts an old version's text live again, as a new version; undone, the one before it is put live. */
export async function putBack(desk: Desk, version: number): Promise<void> {
  const { site, article: a } = desk;
  const before = a.state === 'unpublished' ? 0 : a.version;
  try {
    const now = await articles(site).rollback(a.id, version);
    desk.adopt(now);
    toast(t('said_put_back', { old: version, n: now.version }), 'ok', { label: t('undo'), run: () => void undo(desk, before) });
  } catch (err) {
    failed(err);
  }
}

async function undo(desk: Desk, before: number): Promise<void> {
  const { site, article: a } = desk;
  try {
    const now = before ? await articles(site).rollback(a.id, before) : await articles(site).unpublish(a.id);
    desk.adopt(now);
    toast(before ? t('said_put_back', { old: before, n: now.version }) : t('said_unpublished'));
  } catch (err) {
    failed(err);
  }
}

function bringBack(desk: Desk, x: Aside): void {
  const m = desk.manuscript;
  const before = m.content.value;
  m.put(x.content);
  toast(t('said_brought_back'), 'ok', { label: t('undo'), run: () => m.put(before) });
}
