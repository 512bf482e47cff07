import{J as t,w as o}from"./chunk-MK6KH65Y.js";function p({site:a}){return t("h2",{"data-site":a,children:o("tab_ask")})}export{p as AskPage};
