// Where the cases of others lie, and DNS as they write it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <yaml-cpp/yaml.h>

#include "base/ascii.h"
#include "verify/inquiry.h"

namespace hongyan::verify::vectors {

// The file in the folder that HONGYAN_VECTORS names, or beside the repository.
inline std::filesystem::path file(const char* name) {
    const char* const folder = std::getenv("HONGYAN_VECTORS");
    const auto beside = std::filesystem::path(SOURCE_ROOT).parent_path() / "shared/vectors";
    return (folder != nullptr ? std::filesystem::path(folder) : beside) / name;
}

// The zones of one set of cases: names with lists of records, as the SPF suite writes them.
class Zone {
public:
    explicit Zone(const YAML::Node& zonedata) {
        for (const auto& entry : zonedata)
            names_[ascii::to_lower(entry.first.as<std::string>())] = entry.second;
    }

    dns::RawAnswer answer(const dns::Question& question) const {
        dns::RawAnswer answer{.status = dns::Status::no_domain, .canonical = question.name};
        auto name = question.name.text();
        for (int links = 0; links < 10; ++links) {
            const auto found = names_.find(name);
            if (found == names_.end()) return answer;
            answer.status = dns::Status::no_data;
            const auto alias = collect(found->second, question.type, answer);
            if (alias.empty()) return answer;
            name = ascii::to_lower(alias);
        }
        answer.status = dns::Status::failed;  // CNAMEs in a circle
        return answer;
    }

private:
    // The CNAME to follow, if there is one.
    static std::string collect(const YAML::Node& records, dns::Type type, dns::RawAnswer& answer) {
        const bool has_txt = has(records, "TXT");
        bool seen = false;
        for (const auto& record : records) {
            if (!record.IsMap()) {  // TIMEOUT
                if (!seen) answer.status = dns::Status::failed;
                break;
            }
            auto kind = record.begin()->first.as<std::string>();
            const YAML::Node value = record.begin()->second;
            if (kind == "CNAME") return value.as<std::string>();
            if (kind == "SPF" && !has_txt) kind = "TXT";
            if (kind != dns::to_string(type)) continue;
            if (value.IsScalar() && value.as<std::string>() == "NONE") continue;
            seen = true;
            answer.status = dns::Status::found;
            answer.records.push_back(rdata(type, value));
        }
        return {};
    }

    static bool has(const YAML::Node& records, const char* kind) {
        for (const auto& record : records)
            if (record.IsMap() && record[kind]) return true;
        return false;
    }

    static std::string string_of(const std::string& text) {
        std::string out;
        for (std::size_t at = 0; at == 0 || at < text.size(); at += 255) {
            const auto part = text.substr(at, 255);
            out += static_cast<char>(part.size());
            out += part;
        }
        return out;
    }

    // A name as it lies in a record; labels may be anything, as in real zones.
    static std::string name_of(std::string text) {
        std::string out;
        if (text.ends_with('.')) text.pop_back();
        while (!text.empty()) {
            const auto label = text.substr(0, text.find('.'));
            out += static_cast<char>(label.size());
            out += label;
            text.erase(0, label.size() + 1);
        }
        return out + '\0';
    }

    static std::string rdata(dns::Type type, const YAML::Node& value) {
        switch (type) {
            case dns::Type::a:
            case dns::Type::aaaa:
                return dns::IpAddress::parse(value.as<std::string>()).value().octets();
            case dns::Type::mx: {
                const auto preference = value[0].as<unsigned>();
                return std::string{static_cast<char>(preference >> 8U), static_cast<char>(preference)} +
                       name_of(value[1].as<std::string>());
            }
            case dns::Type::ptr:
                return name_of(value.as<std::string>());
            default:
                break;
        }
        std::string out;
        if (!value.IsSequence()) return string_of(value.as<std::string>());
        for (const auto& part : value) out += string_of(part.as<std::string>());
        return out;
    }

    std::map<std::string, YAML::Node> names_;
};

}  // namespace hongyan::verify::vectors
