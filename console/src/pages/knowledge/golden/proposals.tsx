/** Past questions worth keeping: answers that shoppers liked, and what people answered. */
import { languageName, moment } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Show, useLoad } from '../../../ui/load';
import { Badge, Empty } from '../../../ui/pieces';
import { knowledge } from './api';
import type { Proposed } from './edit';
import { w } from './words';

export function Proposals({ site, close, use }: { site: string; close: () => void; use: (of: Proposed) => void }) {
  const { t } = w;
  const got = useLoad(() => knowledge(site).proposals(), [site]);
  return (
    <Dialog title={t('from_past')} close={close} wide>
      <p class="hint">{t('from_past_lead')}</p>
      <Show from={got} rows={5}>
        {(x) =>
          x.items.length === 0 ? (
            <Empty icon="inbox" title={t('past_none')}>
              <p>{t('past_none_hint')}</p>
            </Empty>
          ) : (
            <ul class="rows">
              {x.items.map((p) => (
                <li key={`${p.conversation_id} ${p.seq}`}>
                  <div class="grow">
                    <strong>{p.question}</strong>
                    <p class="badges">
                      <Badge tone={p.because === 'rated_up' ? 'good' : 'accent'}>{t(`because_${p.because}`)}</Badge>
                      <Badge>{languageName(p.locale)}</Badge>
                      {p.articles.length > 0 && <span class="hint">{p.articles.map((a) => a.title).join(', ')}</span>}
                      <a href={to.inbox(site, 'all', p.conversation_id)} onClick={follow} class="hint">
                        {moment(p.at)}
                      </a>
                    </p>
                  </div>
                  <Button small icon="plus" onClick={() => use({ ...p, note: '', signed_in: false })} aria-label={t('use_named', { name: p.question })}>
                    {t('use')}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </Dialog>
  );
}
