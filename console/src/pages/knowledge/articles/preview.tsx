/** The article as shoppers would see it, a moment after it was typed, and what looks wrong with it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../../ui/icon';
import { Failure, Skeleton } from '../../../ui/pieces';
import { articles, LONGEST } from './api';
import { Nodes } from './nodes';
import type { Preview } from './types';
import { t } from './words';

const PAUSE = 400; // after the last key, in milliseconds

/** The newest preview that came; the one before it stays until then. */
export function usePreview(site: string, title: string, markdown: string) {
  const [got, setGot] = useState<Preview>();
  const [error, setError] = useState('');
  const [round, setRound] = useState(0);
  const first = useRef(true);
  useEffect(() => {
    if (markdown.length > LONGEST) return;
    let wanted = true;
    const timer = setTimeout(
      () =>
        articles(site)
          .preview({ markdown, title })
          .then(
            (p) => wanted && (setGot(p), setError('')),
            (err: Error) => wanted && setError(err.message),
          ),
      first.current ? 0 : PAUSE,
    );
    first.current = false;
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [site, title, markdown, round]);
  return { got, error, again: () => setRound(round + 1) };
}

export function PreviewPane({ title, preview }: { title: string; preview: ReturnType<typeof usePreview> }) {
  const { got, error, again } = preview;
  return (
    <div class="preview" role="region" aria-label={t('preview')} tabIndex={0}>
      {error && <Failure text={error} retry={again} />}
      {(got?.warnings ?? []).map((w) => (
        <p key={w.kind + w.text} class="preview-warning">
          <Icon name="warning" />
          <span>{w.text}</span>
        </p>
      ))}
      <article class="preview-text" dir="auto">
        <h3 class="preview-title">{title || t('untitled')}</h3>
        {got === undefined ? !error && <Skeleton rows={5} /> : got.nodes.length ? <Nodes nodes={got.nodes} /> : <p class="hint">{t('preview_empty')}</p>}
      </article>
    </div>
  );
}
