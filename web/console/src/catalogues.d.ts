declare module '*.json?shell' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?pages' {
  const texts: Record<string, string>;
  export default texts;
}
