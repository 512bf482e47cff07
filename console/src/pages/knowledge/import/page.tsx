/** Imports: what is handed in and what is read again, or one of them. */
import type { TabProps } from '../page';
import { Home } from './home';
import { RunPage } from './run';

export function ImportPage({ site, id, query }: TabProps) {
  return id ? <RunPage key={id} site={site} id={id} query={query} /> : <Home site={site} query={query} />;
}
