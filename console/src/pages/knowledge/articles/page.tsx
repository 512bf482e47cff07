/** Articles: the list, and one of them opened. */
import type { TabProps } from '../page';
import { ArticlePage } from './article';
import { ListPage } from './list';

export function ArticlesPage({ site, id, query }: TabProps) {
  return id ? <ArticlePage key={`${site}/${id}`} site={site} id={id} query={query} /> : <ListPage key={site} site={site} query={query} />;
}
