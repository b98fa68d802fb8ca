#include "imap/language.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::imap {

namespace {

constexpr Language all[] = {Language::english, Language::chinese, Language::i_default};

// How commands end, by the English words. A text with a name or a number in it stays English, so do those
// that only somebody who writes a client ever sees.
constexpr Translation rows[] = {
    {"A mailbox stays with its owner", "邮箱不能移出其所有者的账户"},
    {"A message has at least one byte", "邮件至少要有一个字节"},
    {"A password needs TLS: use STARTTLS first", "密码须经 TLS 传送：请先用 STARTTLS"},
    {"Cancelled", "已取消"},
    {"Closed", "已关闭"},
    {"Copied", "已复制"},
    {"Created", "已创建"},
    {"Deleted", "已删除"},
    {"Done", "完成"},
    {"Enabled", "已启用"},
    {"Examined", "已只读打开"},
    {"Expunged", "已清除"},
    {"Fetched", "已取出"},
    {"Idled", "等待结束"},
    {"Listed", "已列出"},
    {"Logged in", "已登录"},
    {"Logged out", "已退出"},
    {"Moved", "已移动"},
    {"No mailbox is selected", "没有打开任何邮箱"},
    {"Not in this state", "当前状态下不能使用此命令"},
    {"Nothing to copy", "没有可复制的邮件"},
    {"Only administrators of this server set limits", "只有服务器管理员可以设置配额"},
    {"Please try again later", "请稍后再试"},
    {"Renamed", "已改名"},
    {"Replaced", "已替换"},
    {"Searched", "搜索完成"},
    {"Selected", "已打开"},
    {"Something is wrong with this server", "服务器出了故障"},
    {"Sorted", "已排序"},
    {"Some of the messages are there no more", "部分邮件已不存在"},
    {"Stored", "已保存"},
    {"Subscribed", "已订阅"},
    {"That is all", "以上是全部内容"},
    {"The literal is too large", "内容太大"},
    {"The command is too long", "命令太长"},
    {"The mailbox is no longer shared with you", "此邮箱不再与您共享"},
    {"The mailbox is open for reading only", "邮箱以只读方式打开"},
    {"The message is too large", "邮件太大"},
    {"The name or the password is wrong", "用户名或密码错误"},
    {"There are mailboxes below it", "它下面还有其他邮箱"},
    {"There are not so many messages in the mailbox", "邮箱里没有这么多邮件"},
    {"There is no room for it now", "目前没有空间存放"},
    {"There is no room for the message now", "目前没有空间存放这封邮件"},
    {"There is no such command", "没有这个命令"},
    {"There is no such language", "不支持这种语言"},
    {"This needs TLS: use STARTTLS first", "此操作需要 TLS：请先用 STARTTLS"},
    {"Threaded", "已按会话整理"},
    {"Unselected", "已离开邮箱"},
    {"Unsubscribed", "已取消订阅"},
    {"You are nobody again", "已注销身份"},
    {"You may not change these flags", "您无权更改这些标记"},
    {"Your language is spoken here", "现在使用您的语言"},
};

bool fits(std::string_view wish, std::string_view tag) {
    return ascii::iequals(wish, tag) || (ascii::istarts_with(tag, wish) && tag[wish.size()] == '-');
}

// One letter or digit that leads to a further part goes with it (RFC 4647 §3.4).
std::string_view without_end(std::string_view wish) {
    wish = wish.substr(0, wish.rfind('-') == wish.npos ? 0 : wish.rfind('-'));
    const bool is_single = wish.size() >= 2 && wish[wish.size() - 2] == '-';
    return is_single ? wish.substr(0, wish.size() - 2) : wish;
}

std::optional<Language> find(std::string_view wish) {
    if (ascii::iequals(wish, "default") || wish == "*") return Language::i_default;
    for (; !wish.empty(); wish = without_end(wish))
        for (const auto language : all)
            if (fits(wish, to_string(language))) return language;
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Language language) {
    switch (language) {
        case Language::english:
            return "en";
        case Language::chinese:
            return "zh-CN";
        case Language::i_default:
            break;
    }
    return "i-default";
}

std::span<const Language> languages() { return all; }

std::optional<Language> find_language(std::span<const std::string_view> wishes) {
    for (const auto wish : wishes)
        if (const auto found = find(wish)) return found;
    return std::nullopt;
}

std::string_view in_language(Language language, std::string_view text) {
    if (language != Language::chinese) return text;
    const auto* const row = std::ranges::find(rows, text, &Translation::english);
    return row != std::end(rows) ? row->chinese : text;
}

std::span<const Translation> translations() { return rows; }

}  // namespace hongyan::imap
