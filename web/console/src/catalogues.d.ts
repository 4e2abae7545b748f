declare module '*.json?shell' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?pages' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?portal' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?equipment' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?reference' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?people' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?merge' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?reconciliation' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?standing' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?access' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?tasks' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?findings' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?metering' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?cases' {
  const texts: Record<string, string>;
  export default texts;
}
declare module '*.json?inspections' {
  const texts: Record<string, string>;
  export default texts;
}
