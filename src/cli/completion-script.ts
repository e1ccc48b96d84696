/** Completion scripts: thin, all they know they ask `ftask --complete`. */

const BASH = `_ftask() {
  local IFS=$'\\n' line cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  for line in $(ftask --complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    line="\${line%%$'\\t'*}"
    case "$cur" in =) line="\${line#*=}";; esac
    [ "\${COMP_WORDS[COMP_CWORD-1]}" = "=" ] && line="\${line#*=}"
    COMPREPLY+=("$line")
  done
}
complete -o default -F _ftask ftask
`;

const ZSH = `#compdef ftask
_ftask() {
  local -a found
  local line
  for line in "\${(@f)$(ftask --complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe ftask found; else _files; fi
}
compdef _ftask ftask
`;

const FISH = `complete -c ftask -a '(ftask --complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`;

/** The script for a shell, to be sourced or put where the shell looks for such. */
export function completionScript(shell: string): string {
  if (shell === 'zsh') return ZSH;
  return shell === 'fish' ? FISH : BASH;
}
