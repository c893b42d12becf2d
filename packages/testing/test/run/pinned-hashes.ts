/**
 * What seeds do, on every version of Node, in a browser page, on every machine. They change when the simulation does, or the service that is simulated: then write down
 * the new ones, and say in the change log that seeds no longer do what they did.
 */
export const HASHES: Readonly<Record<string, string>> = {
  first: '8283818ea4e631e7',
  second: 'c9ebb016c3d05b7d',
  third: '3177118ed8dac6a0',
  fourth: '666a6d2e3b7a4d4c',
  fifth: 'd3fe76f39cfee795',
  sixth: '4a769ac859d0de82',
}
