/** One article, before and after. */
import { Fragment } from 'preact';
import { follow, to } from '../../../state/router';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Icon } from '../../../ui/icon';
import { Show, useLoad } from '../../../ui/load';
import { Pieces, TextChanges } from '../articles/changes';
import { wordDiff } from '../articles/diff';
import { importsOf, type Item, type Run, type Text } from './api';
import { coded, t } from './words';

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
                <Pieces of={wordDiff(r.was, r.is)} />
              </dd>
            </Fragment>
          ))}
        </dl>
      )}
      {before && after ? (
        before.markdown === after.markdown ? (
          <p class="hint">{t('same_text')}</p>
        ) : (
          <TextChanges before={before.markdown} after={after.markdown} />
        )
      ) : (
        <pre class="import-text">{(after ?? before)!.markdown}</pre>
      )}
    </>
  );
}
