declare module '*.json?field' {
  /** The address of this app's part of a catalogue. */
  const address: string;
  export default address;
}
