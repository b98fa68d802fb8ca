#include "verify/mail.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/check.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t most_hashes = 32;  // of one body: more signatures than that are not verified

}  // namespace

Mail::Mail(std::string_view header) : header_(header) {
    for (const auto& field : message::Fields(header_)) fields_.push_back(field);
    for (const auto& field : fields_) {
        auto& signature = signatures_.emplace_back();
        if (field.is(dkim_field))
            signature = Signature::parse_dkim(field.value);
        else if (field.is(arc_message_field))
            signature = Signature::parse_arc(field.value);
        if (signature && *signature) demand((*signature)->body_demand());
    }
}

const std::expected<Signature, std::string>& Mail::signature(const message::Field& field) const {
    const auto index = static_cast<std::size_t>(&field - fields_.data());
    check(index < signatures_.size() && signatures_[index].has_value(), "the field signs this mail");
    return *signatures_[index];
}

std::unique_ptr<Mail> Mail::whole(std::string_view message) {
    const auto size = header_size(message);
    auto mail = std::make_unique<Mail>(message.substr(0, size));
    mail->body(message.substr(size));
    mail->finish();
    return mail;
}

void Mail::demand(const BodyDemand& demand) {
    if (find(demand) == nullptr && hashes_.size() < most_hashes) hashes_.emplace_back(demand);
}

void Mail::body(std::string_view piece) {
    for (auto& hash : hashes_) hash.update(piece);
}

void Mail::finish() {
    for (auto& hash : hashes_) hash.finish();
}

const BodyHash* Mail::find(const BodyDemand& demand) const {
    const auto found = std::ranges::find(hashes_, demand, &BodyHash::demand);
    return found == hashes_.end() ? nullptr : &*found;
}

std::size_t header_size(std::string_view message) {
    for (std::size_t at = 0; at < message.size();) {
        const auto end = message::line_end(message, at);
        if (message::is_empty_line(message.substr(at, end - at))) return end;
        at = end;
    }
    return message.size();
}

std::vector<const message::Field*> select_fields(const std::vector<message::Field>& fields,
                                                 const std::vector<std::string>& names,
                                                 const message::Field* except) {
    std::map<std::string_view, std::vector<const message::Field*>, ascii::ILess> left;  // bottom last
    for (const auto& name : names) left.try_emplace(name);
    for (const auto& field : fields)
        if (const auto found = left.find(field.name); found != left.end() && &field != except)
            found->second.push_back(&field);
    for (auto& [name, found] : left) std::ranges::reverse(found);
    std::map<std::string_view, std::size_t, ascii::ILess> taken;
    std::vector<const message::Field*> selected;
    for (const auto& name : names) {
        const auto& candidates = left.find(name)->second;
        if (auto& count = taken[name]; count < candidates.size()) selected.push_back(candidates[count++]);
    }
    return selected;
}

}  // namespace hongyan::verify
