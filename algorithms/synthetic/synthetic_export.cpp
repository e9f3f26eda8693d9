// SPDX-License-Identifier: Apache-2.0
#include "algorithms/synthetic/synthetic_export.hpp"

#include <algorithm>

#include "core/column.hpp"
#include "core/error.hpp"

namespace cohort {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t longest_return_days = 14;

/// As a survey's fields are quoted; one of them goes over two lines.
constexpr std::array<std::string_view, 5> comments{"\"Never again,\nreally never\"", "\"Late, and the box was open\"",
                                                   "", "\"\"\"Good\"\" is the word\"", "\"Merci, très bien\""};

RecordShape shape_of_customers(std::int64_t traits) {
  const int born = 1 + static_cast<int>(traits);
  return {
      .source = "customers", .events = false, .time = born + 2, .number = born, .label = born + 1, .conflicting = born};
}

std::string time_text(std::int64_t time) {
  const std::int64_t day = floor_div(time, day_seconds), second = time - day * day_seconds;
  return fmt::format("{} {:02}:{:02}:{:02}", iso_date(static_cast<std::int32_t>(day)), second / 3600, second / 60 % 60,
                     second % 60);
}

/// A till writes an item once a receipt; then no two records of sales are equal unless one is a duplicate.
void merge_lines(std::vector<SyntheticRetailer::Line>& lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return std::pair(a.basket, a.item) < std::pair(b.basket, b.item);
  });
  std::size_t kept = 0;
  for (const SyntheticRetailer::Line& line : lines) {
    if (kept > 0 && lines[kept - 1].basket == line.basket && lines[kept - 1].item == line.item)
      lines[kept - 1].quantity += line.quantity;
    else
      lines[kept++] = line;
  }
  lines.resize(kept);
}

}  // namespace

struct SyntheticExport::Sale {
  std::int64_t customer;
  SyntheticRetailer::Line line;
  Dirt kind;
};

struct SyntheticExport::Answer {
  std::int64_t customer, time;
  std::int32_t channel;
  std::int64_t rating;
  Dirt kind;
};

/// Appends records of one source to a part.
class SyntheticExport::Writer {
 public:
  Writer(const SyntheticDirt& dirt, Part& part, const std::string& header) : dirt_(dirt), part_(part) {
    part.sources.push_back({.name = dirt.shape().source, .text = header, .truth = header});
  }

  void add(Dirt kind, std::vector<std::string> fields) {
    const bool spoiled_copy = !dirt_.shape().events && kind < Dirt::blanks;
    if (kind >= Dirt::blanks || kind == Dirt::duplicate || spoiled_copy) write(fields, of_part().truth);
    if (kind == Dirt::none || kind == Dirt::duplicate || spoiled_copy) put(fields);
    if (kind == Dirt::none) return;
    dirt_.soil(kind, fields);
    if (kind == Dirt::unknown_customer) write(fields, of_part().truth);
    part_.dirt += fmt::format("{},{},{}\n", of_part().name, put(fields), name_of(kind));
    ++of_part().counts[static_cast<std::size_t>(kind)];
  }

 private:
  DirtySource& of_part() { return part_.sources.back(); }

  static void write(const std::vector<std::string>& fields, std::string& out) {
    out += fmt::format("{}\n", fmt::join(fields, ","));
  }
  /// The line where the record starts.
  std::int64_t put(const std::vector<std::string>& fields) {
    const std::size_t before = of_part().text.size();
    const std::int64_t starts = line_;
    write(fields, of_part().text);
    line_ += std::count(of_part().text.begin() + static_cast<std::ptrdiff_t>(before), of_part().text.end(), '\n');
    return starts;
  }

  const SyntheticDirt& dirt_;
  Part& part_;
  std::int64_t line_ = 2;  // behind the header
};

void SyntheticExport::Params::describe(Fields& fields) {
  fields({.name = "dirty",
          .text = "Faults of an export, by kind. Where any is above 0, products.csv, dirt-*.csv (source, line and kind "
                  "of each fault) and true_*.csv (the records a perfect cleaning would leave) are written too."},
         dirty);
  fields({.name = "feedback",
          .text = "Share of baskets with an answer to a survey: a rating from 1 to 5 and a comment.",
          .range = {0, 1}},
         feedback);
}

SyntheticExport::SyntheticExport(const SyntheticRetailer& retailer, const Params& params)
    : retailer_(retailer),
      params_(params),
      sales_(params.dirty,
             {.source = "transactions",
              .customer = 1,
              .time = 2,
              .number = 4,
              .quantity = 4,
              .bounded = 5,
              .item = 3,
              .label = 6,
              .basket = 0},
             retailer.params().customers),
      customers_(params.dirty, shape_of_customers(retailer.params().traits), retailer.params().customers),
      feedback_(params.dirty, {.source = "feedback", .time = 1, .number = 3, .bounded = 3, .label = 2},
                retailer.params().customers) {}

RandomStream SyntheticExport::stream(std::string_view purpose, std::int64_t customer) const {
  return {static_cast<std::uint64_t>(retailer_.params().random_state), purpose, static_cast<std::uint64_t>(customer)};
}

SyntheticExport::Part SyntheticExport::part(std::int64_t number, const Visitor& visit) const {
  Part part;
  std::vector<SyntheticRetailer::Line> lines;
  std::vector<Sale> sales;
  std::vector<Answer> answers;
  const auto [first, last] = retailer_.customers_of_part(number);
  std::string header = "customer";
  for (std::int64_t trait = 1; trait <= retailer_.params().traits; ++trait) header += fmt::format(",trait_{}", trait);
  Writer customers(customers_, part, header + ",born,channel,updated\n");
  for (std::int64_t c = first; c < last; ++c) {
    const SyntheticRetailer::Customer customer = retailer_.customer(c);
    lines.clear();
    retailer_.purchases(customer, lines);
    merge_lines(lines);
    visit(customer, lines);
    add_sales(c, lines, sales);
    add_answers(customer, answers);
    write_customer(customer, customers);
  }
  write_sales(sales, part);
  if (params_.feedback > 0) write_answers(answers, part);
  return part;
}

void SyntheticExport::add_sales(std::int64_t customer, std::span<const SyntheticRetailer::Line> lines,
                                std::vector<Sale>& sales) const {
  RandomStream random = stream("export sales", customer);
  const std::int64_t end = retailer_.end_day() * day_seconds;
  for (const SyntheticRetailer::Line& line : lines) {
    const Dirt kind = sales_.draw(random);
    sales.push_back({customer, line, kind == Dirt::returned ? Dirt::none : kind});
    if (kind != Dirt::returned) continue;
    SyntheticRetailer::Line back = line;
    back.time += day_seconds * (1 + random.below(longest_return_days));
    if (back.time < end) sales.push_back({customer, back, kind});
  }
}

void SyntheticExport::add_answers(const SyntheticRetailer::Customer& customer, std::vector<Answer>& answers) const {
  RandomStream random = stream("export feedback", customer.number);
  const std::int64_t end = retailer_.end_day() * day_seconds;
  for (const std::int64_t time : customer.purchases) {
    if (!(random.uniform() < params_.feedback)) continue;
    const std::int64_t answered = time + 3600 + random.below(2 * day_seconds);
    const std::int64_t rating = 1 + std::max(random.below(5), random.below(5));
    if (answered < end)
      answers.push_back({customer.number, answered, customer.home_channel, rating, feedback_.draw(random)});
  }
}

void SyntheticExport::write_customer(const SyntheticRetailer::Customer& customer, Writer& writer) const {
  RandomStream random = stream("export customers", customer.number);
  std::vector<std::string> fields{fmt::format("{}", customer.number)};
  for (const double trait : customer.traits) fields.push_back(fmt::format("{}", trait));
  fields.push_back(fmt::format("{}", 1940 + random.below(65)));
  fields.push_back(retailer_.channel_label(customer.home_channel));
  fields.push_back(time_text(customer.purchases.front()).substr(0, 10));
  writer.add(customers_.draw(random), std::move(fields));
}

void SyntheticExport::write_sales(std::vector<Sale>& sales, Part& part) const {
  // As tills would write them; a stable sort keeps the order of a customer's lines of one time.
  std::stable_sort(sales.begin(), sales.end(), [](const Sale& a, const Sale& b) { return a.line.time < b.line.time; });
  Writer writer(sales_, part, "invoice,customer,time,item,quantity,price,channel\n");
  for (const Sale& sale : sales) {
    writer.add(sale.kind,
               {fmt::format("{}", sale.line.basket), fmt::format("{}", sale.customer), time_text(sale.line.time),
                retailer_.item_label(sale.line.item), fmt::format("{}", sale.line.quantity),
                fmt::format("{}.{:02}", sale.line.price / 100, sale.line.price % 100),
                retailer_.channel_label(sale.line.channel)});
  }
}

void SyntheticExport::write_answers(std::vector<Answer>& answers, Part& part) const {
  std::stable_sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) { return a.time < b.time; });
  Writer writer(feedback_, part, "customer,time,channel,rating,comment\n");
  for (const Answer& answer : answers) {
    writer.add(answer.kind,
               {fmt::format("{}", answer.customer), time_text(answer.time), retailer_.channel_label(answer.channel),
                fmt::format("{}", answer.rating), std::string(comments[static_cast<std::size_t>(answer.rating - 1)])});
  }
}

std::string SyntheticExport::products() const {
  std::string text = "item,category,margin\n";
  for (std::int32_t item = 0; item < retailer_.params().items; ++item) {
    RandomStream random = stream("export product", item);
    text += fmt::format("{},K{},0.{}\n", retailer_.item_label(item), random.below(8), 10 + random.below(40));
  }
  return text;
}

}  // namespace cohort
