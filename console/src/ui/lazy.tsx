/** Parts of the console that are loaded when somebody goes there. */
import { useState, useEffect } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { t } from '../i18n';
import { Button } from './button';
import { Failure, Skeleton } from './pieces';

/** A component that is loaded when it is first shown. After a deployment the server no longer has the part: then only a reload helps. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | undefined>(() => loaded);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Part) return;
      let wanted = true;
      load().then(
        (c) => {
          loaded = c;
          if (wanted) setPart(() => c);
        },
        () => wanted && setFailed(true),
      );
      return () => void (wanted = false);
    }, []);
    if (failed)
      return (
        <>
          <Failure text={t('newer')} />
          <Button onClick={() => location.reload()}>{t('reload')}</Button>
        </>
      );
    return Part ? <Part {...props} /> : <Skeleton rows={6} />;
  };
}

/** Adds a style sheet to the page, once. */
export function style(href: string): void {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  document.head.append(link);
}
