// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/config_node.hpp"
#include "core/fields.hpp"

namespace cohort {

/// Fills a struct from a mapping. `where` names the struct in errors ("step kmeans"). Throws Error(bad_config) with
/// file, line, column and the nearest legal name for an unknown key, a wrong type, a value out of range or a missing
/// key. Returns a note for each alias that was used.
std::vector<std::string> read_fields(const ConfigNode& mapping, const Nested& describe, const std::string& where);

/// Markdown: a row a key, with type, default, legal values and text.
[[nodiscard]] std::string document_fields(const Nested& describe);
/// JSON Schema (draft 7) of the mapping.
[[nodiscard]] Json schema_of_fields(const Nested& describe);
/// The values as used, without execution keys.
[[nodiscard]] Json record_fields(const Nested& describe);

template <class T>
[[nodiscard]] Nested description_of(T& value) {
  return [&value](Fields& fields) { value.describe(fields); };
}

}  // namespace cohort
