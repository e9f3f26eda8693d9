// SPDX-License-Identifier: Apache-2.0
// CSV: the vectorised reader against the record splitter of the header, and the automaton in two pieces against one.
// The first byte chooses the delimiter, the second where to cut.
#include <array>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "io/text/csv_header.hpp"
#include "io/text/csv_records.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace cohort {
namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

void cut_in_two(std::string_view text, std::size_t cut, char delimiter) {
  const CsvTransition whole = scan(text, delimiter);
  const CsvTransition parts = compose(scan(text.substr(0, cut), delimiter), scan(text.substr(cut), delimiter));
  for (std::size_t s = 0; s < csv_states; ++s) {
    const CsvTransition::Path &a = whole.paths[s], &b = parts.paths[s];
    require(a.exit == b.exit && a.records == b.records && a.first_record == b.first_record &&
            a.last_record == b.last_record);
  }
  require(whole.newlines == parts.newlines);
}

void read_records(std::string_view text, char delimiter) {
  const std::size_t end = find_record_end(text, CsvState::record_start, delimiter);
  const std::string_view first = text.substr(0, end);
  const std::vector<std::string> header = split_csv_record(first, delimiter);
  std::vector<std::size_t> needed;
  for (std::size_t i = 0; i < header.size(); i += 2) needed.push_back(i);
  CsvRecords records(delimiter, header.size(), needed);
  records.start({.text = text});
  CsvBatch batch;
  while (records.next_batch(batch, 3)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      require(records.line_of(batch.offsets[row]) >= 1);
      const std::vector<std::string> fields = split_csv_record(records.text_of(batch.offsets[row]), delimiter);
      require(fields.size() == header.size());
      for (std::size_t c = 0; c < needed.size(); ++c) require(batch.columns[c][row] == fields[needed[c]]);
    }
    for (const CsvBatch::Ragged& ragged : batch.ragged) {
      require(split_csv_record(records.text_of(ragged.offset), delimiter).size() == ragged.fields);
    }
  }
}

}  // namespace
}  // namespace cohort

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort;
  if (size < 3) return 0;
  constexpr std::array<char, 4> delimiters{',', ';', '\t', '|'};
  const char delimiter = delimiters[data[0] % delimiters.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  cut_in_two(text, data[1] * text.size() / 255, delimiter);
  // Whole records alone reach the reader: a file that ends inside quotes is refused before.
  const CsvState last = scan(text, delimiter).from(CsvState::record_start).exit;
  if (last == CsvState::quoted) return 0;
  try {
    read_records(text, delimiter);
  } catch (const Error&) {
  }
  return 0;
}

std::vector<std::string> cohort::testing::fuzz_seeds() {
  std::string wide = ",xa";
  for (int i = 0; i < 300; ++i) wide += ",field " + std::to_string(i);
  return {",xid,name,price\n1,\"a, b\",2.50\n2,\"say \"\"so\"\"\",3\r\n3,,\n", ";!a;b\n1;2\n\"x\ny\";3\n;;;\n\"open",
          "\t9a\tb\r\n\r\n1\t2\r\r\n", wide + "\n" + wide.substr(2) + "\n"};
}
