/** One article, before and after. */
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { follow, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import { Show, useLoad } from '../../../ui/load';
import { importsOf, type Item, type Run, type Text } from './api';
import { difference, type Piece } from './difference';
import { coded, plural, t } from './words';

export function Change({ site, run, item, close }: { site: string; run: Run; item: Item; close: () => void }) {
  const loaded = useLoad(() => importsOf(site).item(run.id, item.n), [site, run.id, item.n]);
  return (
    <Dialog title={item.title || item.key} close={close} wide>
      <p class="hint">{t(`explain_${item.state}`)}</p>
      {(item.warnings ?? []).map((w) => (
        <p key={w} class="import-notice warn">
          <Icon name="warning" />
          {coded('warning_long', w)}
        </p>
      ))}
      <Show from={loaded} rows={5}>
        {(x) => <Texts before={x.before} after={x.after} item={item} />}
      </Show>
      <div class="form-end">
        {item.article_id && (
          <a class="button" href={to.knowledge(site, 'articles', item.article_id)} onClick={follow}>
            {t('open_article')}
          </a>
        )}
        <Button look="primary" onClick={close}>
          {t('close')}
        </Button>
      </div>
    </Dialog>
  );
}

const FIELDS = ['title', 'url', 'locale', 'slug'] as const;

function Texts({ before, after, item }: { before: Text | null; after: Text | null; item: Item }) {
  if (!before && !after) return <p class="hint">{t(item.state === 'unchanged' ? 'text_unchanged' : 'text_forgotten')}</p>;
  const tags = (x: Text | null) => (x?.tags ?? []).join(', ');
  const rows = [...FIELDS.map((f) => ({ name: t(`field_${f}`), was: before?.[f] ?? '', is: after?.[f] ?? '' })), { name: t('field_tags'), was: tags(before), is: tags(after) }];
  const differ = before && after ? rows.filter((r) => r.was !== r.is) : [];
  return (
    <>
      {differ.length > 0 && (
        <dl class="import-fields">
          {differ.map((r) => (
            <Fragment key={r.name}>
              <dt>{r.name}</dt>
              <dd>
                {r.was && <del>{r.was}</del>} {r.is && <ins>{r.is}</ins>}
              </dd>
            </Fragment>
          ))}
        </dl>
      )}
      {before && after ? <Difference before={before.markdown} after={after.markdown} /> : <pre class="import-text">{(after ?? before)!.markdown}</pre>}
    </>
  );
}

function Difference({ before, after }: { before: string; after: string }) {
  if (before === after) return <p class="hint">{t('same_text')}</p>;
  return (
    <div class="import-text" role="group" aria-label={t('what_changes')} tabIndex={0}>
      {difference(before, after).map((p, i) => (
        <Shown key={i} piece={p} />
      ))}
    </div>
  );
}

function Shown({ piece: p }: { piece: Piece }) {
  const [open, setOpen] = useState(false);
  if (p.kind === 'added') return <ins>{p.text}</ins>;
  if (p.kind === 'removed') return <del>{p.text}</del>;
  if (p.kind === 'same' || open) return <span>{p.text}</span>;
  return (
    <button type="button" class="import-fold" onClick={() => setOpen(true)}>
      {plural('unchanged_lines', p.text.split('\n').length)}
    </button>
  );
}
