/** envoy.config.accesslog.v3 and envoy.extensions.access_loggers */
import { any } from "./reader/any.js";
import { message, optional, required } from "./reader/message.js";
import { name, string } from "./reader/scalars.js";
import { substitution } from "./substitution.js";

const textFormat = message(
  {
    text_format_source: required(
      message({ inline_string: required(substitution) }, ({ inlineString }) => inlineString),
    ),
  },
  ({ textFormatSource }) => textFormatSource,
);

const format = required(textFormat);

/** One entry of `access_log`: to a file, or to stdout if there is no path. */
export const accessLog = message(
  {
    name: optional(string),
    typed_config: required(
      any({
        "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog": message(
          { log_format: format },
          ({ logFormat }): { path?: string; format: string } => ({ format: logFormat }),
        ),
        "envoy.extensions.access_loggers.file.v3.FileAccessLog": message(
          { path: required(name), log_format: format },
          ({ path, logFormat }) => ({ path, format: logFormat }),
        ),
      }),
    ),
  },
  ({ typedConfig }) => typedConfig,
);
