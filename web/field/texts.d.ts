declare module '*.json?field' {
  const texts: Record<string, string>;
  export default texts;
}
