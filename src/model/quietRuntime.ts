/**
 * Switches off what ONNX Runtime would write into the home folder and send to its collector. Imported before
 * the library, in every process: it reads the variable when it is loaded. Knows nothing else of the library.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'; // whatever the environment says
