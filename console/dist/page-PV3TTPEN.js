import{J as t,w as o}from"./chunk-ERNK6UKL.js";function p({site:a}){return t("h2",{"data-site":a,children:o("tab_ask")})}export{p as AskPage};
