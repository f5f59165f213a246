/** Which stats the query's `filter` wants; the text of the complaint if it is no regular expression. */
export function namesFilter(query: URLSearchParams): ((name: string) => boolean) | string {
  const source = query.get("filter");
  if (source === null) return () => true;
  try {
    const expression = new RegExp(source);
    return (name) => expression.test(name);
  } catch (error) {
    return `Invalid re2 regex: ${(error as Error).message}`;
  }
}
