/** Completion scripts: thin, all they know they ask `ftask --complete`. Without an answer, files are completed. */

/** Readline cuts words at = and : and before @ as well; here they are one again. Runs on the bash 3.2 of macOS, too. */
const BASH = `_ftask() {
  local rest="\${COMP_LINE:0:COMP_POINT}" piece glued prefix line at=0 words
  words=("")
  for piece in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    glued=1
    while [[ "$rest" == [[:space:]]* ]]; do rest="\${rest:1}"; glued=; done
    [[ -z "$glued" ]] && at=$((at + 1))
    rest="\${rest#"$piece"}"
    words[at]="\${words[at]}$piece"
  done
  prefix="\${words[at]%"$2"}"
  COMPREPLY=()
  while IFS= read -r line; do
    line="\${line%%$'\\t'*}"
    COMPREPLY+=("\${line#"$prefix"}")
  done < <(ftask --complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _ftask ftask
`;

/** Works sourced after compinit, and as a file \`_ftask\` in a folder of fpath. */
const ZSH = `#compdef ftask
_ftask() {
  local -a found
  local line
  for line in "\${(@f)$(ftask --complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then _describe ftask found; else _files; fi
}
if [[ $funcstack[1] == _ftask ]]; then _ftask "$@"; else compdef _ftask ftask; fi
`;

const FISH = `function __ftask_complete
  set -l words (commandline -opc)
  set -l found (ftask --complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ftask -f -a '(__ftask_complete)'
`;

/** The script for a shell, to be sourced or put where the shell looks for such. */
export function completionScript(shell: string): string {
  if (shell === 'zsh') return ZSH;
  return shell === 'fish' ? FISH : BASH;
}
