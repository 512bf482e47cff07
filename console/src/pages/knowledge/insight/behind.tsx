/** The conversations behind a point: exactly those, a page at a time, each leading to the inbox. */
import { coded, moment, t as shared } from '../../../i18n';
import { follow, to } from '../../../state/router';
import { Badge } from '../../../ui/pieces';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Show, useLoad } from '../../../ui/load';
import { useState } from 'preact/hooks';
import { behind, type Found, type Plot, type Range } from './ask';
import { plural, t } from './words';

const PAGE = 20;

export interface Point {
  plot: Plot;
  series: string;
  at: string;
  as_of: string;
}

export function Behind({ site, point, range, title, close }: { site: string; point: Point; range: Range; title: string; close: () => void }) {
  const [offset, setOffset] = useState(0);
  const from = useLoad(() => behind(site, point.plot, range, point, PAGE, offset), [site, point.plot, point.series, point.at, point.as_of, range, offset]);
  return (
    <Dialog title={title} close={close} wide>
      <Show from={from} rows={6}>
        {({ items, total }) => (
          <>
            <p class="hint" role="status" data-testid="behind-total">
              {total ? plural('conversations', total) : t('behind_none')}
            </p>
            <ul class="behind">
              {items.map((f) => (
                <Line key={f.row.id} site={site} found={f} />
              ))}
            </ul>
            {total > PAGE && (
              <nav class="behind-pages" aria-label={title}>
                <Button small icon="back" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
                  {t('behind_back')}
                </Button>
                <span class="hint">{t('behind_page', { from: offset + 1, to: Math.min(total, offset + PAGE), n: total })}</span>
                <Button small disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>
                  {t('behind_on')}
                </Button>
              </nav>
            )}
          </>
        )}
      </Show>
    </Dialog>
  );
}

function Line({ site, found: { row, at, n } }: { site: string; found: Found }) {
  return (
    <li>
      <a href={to.inbox(site, 'all', row.id)} onClick={follow}>
        <span class="behind-head">
          <strong>{row.shopper.name || shared('shopper_unnamed', { id: row.shopper.id.slice(-4).toUpperCase() })}</strong>
          <time class="hint" dateTime={at}>
            {moment(at)}
          </time>
        </span>
        <span class="clamp">{row.last_text}</span>
        <span class="badges">
          {row.topic && <Badge>{coded('topic', row.topic)}</Badge>}
          {n > 1 && <Badge tone="accent">{t('behind_times', { n })}</Badge>}
          {row.state === 'closed' && <Badge tone="good">{shared('resolved')}</Badge>}
        </span>
      </a>
    </li>
  );
}
