#include "imap/threading.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

namespace hongyan::imap {
namespace {

using Node = std::uint32_t;
constexpr Node none = UINT32_MAX;

// Ancestors looked at for all messages together, before a link is made that could close a circle. Real mail
// needs some for each message.
constexpr std::size_t most_steps = 20'000'000;

// Who is whose parent, without circles: steps (1) and (2).
class Links {
public:
    explicit Links(std::size_t nodes) : parents_(nodes, none), children_(nodes, 0) {}

    Node parent(Node node) const { return parents_[node]; }
    std::size_t size() const { return parents_.size(); }
    void add_node() {
        parents_.push_back(none);
        children_.push_back(0);
    }

    // Does nothing where the child has a parent, or would become its own ancestor.
    void link(Node parent, Node child) {
        if (parents_[child] != none || parent == child || is_below(parent, child)) return;
        parents_[child] = parent;
        ++children_[parent];
    }
    void cut(Node child) {
        if (parents_[child] != none) --children_[parents_[child]];
        parents_[child] = none;
    }

private:
    bool is_below(Node node, Node ancestor) {
        if (children_[ancestor] == 0) return false;
        for (; node != none; node = parents_[node], ++steps_)
            if (node == ancestor || steps_ > most_steps) return true;
        return false;
    }

    std::vector<Node> parents_;
    std::vector<std::uint32_t> children_;  // how many
    std::size_t steps_ = 0;
};

class ByReferences {
public:
    ByReferences(std::span<const ThreadMessage> messages, std::uint32_t id_bound)
        : messages_(messages), links_(messages.size()), nodes_(id_bound, none) {}

    Threads run() {
        name_messages();
        for (Node node = 0; node < messages_.size(); ++node) link_references(node);
        plant();
        prune();
        sort_roots();
        gather_subjects();
        for (auto& children : threads_.children) sort(children);
        sort_roots();
        return std::move(threads_);
    }

private:
    bool is_dummy(Node node) const { return node >= messages_.size(); }

    // The first message with an identifier has it; another is known by itself only.
    void name_messages() {
        for (Node node = 0; node < messages_.size(); ++node)
            if (const auto id = messages_[node].id; id != 0 && nodes_[id] == none) nodes_[id] = node;
    }

    Node node_of(std::uint32_t id) {
        if (nodes_[id] == none) {
            nodes_[id] = static_cast<Node>(links_.size());
            links_.add_node();
        }
        return nodes_[id];
    }

    // (1): the references are a chain, and the last of them is the parent, whatever was thought before.
    void link_references(Node node) {
        Node before = none;
        for (const auto id : messages_[node].references) {
            const auto next = node_of(id);
            if (before != none) links_.link(before, next);
            before = next;
        }
        if (before != none && links_.parent(node) == before) return;
        links_.cut(node);
        if (before != none) links_.link(before, node);
    }

    // (2)
    void plant() {
        threads_.children.resize(links_.size());
        for (Node node = 0; node < links_.size(); ++node)
            (links_.parent(node) == none ? threads_.roots : threads_.children[links_.parent(node)])
                .push_back(node);
    }

    // Every node behind its parent.
    std::vector<Node> downwards() const {
        auto order = threads_.roots;
        for (std::size_t i = 0; i < order.size(); ++i)
            std::ranges::copy(threads_.children[order[i]], std::back_inserter(order));
        return order;
    }

    // (3), from the leaves up: what is below is done when its parent is.
    void prune() {
        const auto order = downwards();
        for (auto node = order.rbegin(); node != order.rend(); ++node) {
            auto& children = threads_.children[*node];
            children = without_dummies(std::move(children), none);
        }
        threads_.roots = without_dummies(std::move(threads_.roots), 1);
    }

    // Dummies give way to their children, those of more than `most` excepted.
    std::vector<Node> without_dummies(std::vector<Node> siblings, std::size_t most) {
        std::vector<Node> kept;
        for (const auto node : siblings) {
            auto& children = threads_.children[node];
            if (!is_dummy(node) || children.size() > most) {
                kept.push_back(node);
            } else {
                if (children.size() > kept.size()) kept.swap(children);
                kept.insert(kept.end(), children.begin(), children.end());
                children.clear();
            }
        }
        return kept;
    }

    // A dummy stands where its first child would.
    Node shown(Node node) const { return is_dummy(node) ? threads_.children[node].front() : node; }

    void sort(std::vector<Node>& siblings) const {
        std::ranges::sort(siblings, [this](Node a, Node b) {
            const auto one = shown(a), other = shown(b);
            if (messages_[one].sent != messages_[other].sent)
                return messages_[one].sent < messages_[other].sent;
            return one < other;
        });
    }

    // (4)
    void sort_roots() {
        for (const auto root : threads_.roots)
            if (is_dummy(root)) sort(threads_.children[root]);
        sort(threads_.roots);
    }

    std::uint32_t subject(Node root) const { return messages_[shown(root)].subject; }
    bool is_reply(Node root) const { return !is_dummy(root) && messages_[root].is_reply; }

    // (5)(B)
    void note_subject(Node root) {
        const auto [place, is_new] = subjects_.try_emplace(subject(root), root);
        if (is_new || is_dummy(place->second)) return;
        if (is_dummy(root) || (is_reply(place->second) && !is_reply(root))) place->second = root;
    }

    // (5)
    void gather_subjects() {
        for (const auto root : threads_.roots)
            if (subject(root) != 0) note_subject(root);
        std::vector<Node> roots;
        for (const auto root : threads_.roots) {
            const auto found = subjects_.find(subject(root));
            if (found == subjects_.end() || found->second == root || made_for_.contains(root))
                roots.push_back(root);
            else
                merge(root, found->second);
        }
        // A new dummy stands for the message that it was made for.
        for (auto& root : roots)
            if (const auto made = made_for_.find(root); made != made_for_.end()) root = made->second;
        threads_.roots = std::move(roots);
    }

    // (5)(C): `known` is the one in the table of subjects.
    void merge(Node root, Node& known) {
        auto& below_known = threads_.children[known];
        if (is_dummy(root) && is_dummy(known)) {
            std::ranges::copy(threads_.children[root], std::back_inserter(below_known));
            threads_.children[root].clear();
        } else if (is_dummy(known) || (is_reply(root) && !is_reply(known))) {
            below_known.push_back(root);
        } else {
            const auto dummy = static_cast<Node>(threads_.children.size());
            threads_.children.push_back({known, root});
            made_for_[known] = dummy;
            known = dummy;
        }
    }

    std::span<const ThreadMessage> messages_;
    Links links_;
    std::vector<Node> nodes_;  // by identifier
    Threads threads_;
    std::unordered_map<std::uint32_t, Node> subjects_;
    std::unordered_map<Node, Node> made_for_;
};

// Writes threads without recursion: a conversation may be as deep as the mailbox is long.
class Writer {
public:
    Writer(const Threads& threads, std::span<const std::uint32_t> names) : threads_(threads), names_(names) {}

    std::string write() {
        if (threads_.roots.empty()) return {};
        out_ = " ";
        open_all(threads_.roots);
        while (!left_.empty()) {
            const auto step = left_.back();
            left_.pop_back();
            if (step == close)
                out_ += ')';
            else
                put(step);
        }
        return std::move(out_);
    }

private:
    static constexpr Node close = none;

    // The last first, so that the first is taken from the back.
    void open_all(const std::vector<Node>& siblings) {
        left_.insert(left_.end(), siblings.rbegin(), siblings.rend());
    }

    // thread-list = "(" (thread-members / thread-nested) ")": down as long as there is one answer each.
    void put(Node node) {
        out_ += '(';
        left_.push_back(close);
        for (bool first = true;; first = false) {
            const auto& children = threads_.children[node];
            if (node < names_.size())
                fmt::format_to(std::back_inserter(out_), "{}{}", first ? "" : " ", names_[node]);
            if (children.size() != 1) {
                if (!children.empty() && node < names_.size()) out_ += ' ';
                return open_all(children);
            }
            node = children.front();
        }
    }

    const Threads& threads_;
    std::span<const std::uint32_t> names_;
    std::string out_;
    std::vector<Node> left_;
};

}  // namespace

Threads thread_by_references(std::span<const ThreadMessage> messages, std::uint32_t id_bound) {
    return ByReferences(messages, id_bound).run();
}

// RFC 5256 §3, ORDEREDSUBJECT: the first of each subject, with the others below it.
Threads thread_by_subject(std::span<const ThreadMessage> messages) {
    std::vector<Node> order(messages.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&messages](Node a, Node b) {
        return std::pair(messages[a].sent, a) < std::pair(messages[b].sent, b);
    });
    Threads threads;
    threads.children.resize(messages.size());
    std::unordered_map<std::uint32_t, Node> firsts;
    for (const auto node : order) {
        const auto [first, is_new] = firsts.try_emplace(messages[node].subject, node);
        (is_new ? threads.roots : threads.children[first->second]).push_back(node);
    }
    return threads;
}

std::string to_text(const Threads& threads, std::span<const std::uint32_t> names) {
    return Writer(threads, names).write();
}

}  // namespace hongyan::imap
