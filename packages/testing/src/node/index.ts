/**
 * What needs Node: suites over all cores, files of scenarios and pictures, real processes under faults.
 * @packageDocumentation
 */
export {}
